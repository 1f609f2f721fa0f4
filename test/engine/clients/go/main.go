// clickhouse-go over HTTP: suite <host> <port> <token>
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

type check struct {
	name string
	run  func(context.Context, *sql.DB) error
}

func main() {
	checks := []check{{"types", types}, {"parameters", parameters}, {"insert_and_read", insertAndRead}, {"stream", stream}, {"error", failure}}
	compressions := map[string]*clickhouse.Compression{
		"none": nil,
		"lz4":  {Method: clickhouse.CompressionLZ4},
		"zstd": {Method: clickhouse.CompressionZSTD},
		"gzip": {Method: clickhouse.CompressionGZIP, Level: 3},
		"br":   {Method: clickhouse.CompressionBrotli, Level: 3},
	}
	code := 0
	for name, compression := range compressions {
		db := clickhouse.OpenDB(&clickhouse.Options{
			Addr:        []string{os.Args[1] + ":" + os.Args[2]},
			Auth:        clickhouse.Auth{Database: "default", Username: "default", Password: os.Args[3]},
			Protocol:    clickhouse.HTTP,
			Compression: compression,
		})
		for _, c := range checks {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			if err := c.run(ctx, db); err != nil {
				code = 1
				fmt.Printf("FAIL %s compress=%s: %v\n", c.name, name, err)
			} else {
				fmt.Printf("ok %s compress=%s\n", c.name, name)
			}
			cancel()
		}
		db.Close()
	}
	os.Exit(code)
}

func types(ctx context.Context, db *sql.DB) error {
	var big uint64
	var day time.Time
	var at time.Time
	var none *string
	var list []string
	query := "SELECT toUInt64(18446744073709551615), toDate('2024-02-29'), toDateTime64('2024-01-01 00:00:00.123', 3, 'UTC'), CAST(NULL AS Nullable(String)), ['a', 'é']"
	if err := db.QueryRowContext(ctx, query).Scan(&big, &day, &at, &none, &list); err != nil {
		return err
	}
	want := time.Date(2024, 1, 1, 0, 0, 0, 123_000_000, time.UTC)
	if big != 18446744073709551615 || day.Format(time.DateOnly) != "2024-02-29" || !at.Equal(want) || none != nil || len(list) != 2 || list[1] != "é" {
		return fmt.Errorf("got %v %v %v %v %v", big, day, at, none, list)
	}
	return nil
}

func parameters(ctx context.Context, db *sql.DB) error {
	var text string
	var number int32
	value := "it's {x} é"
	bound := clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{"s": value, "n": "-5"}))
	if err := db.QueryRowContext(bound, "SELECT {s:String}, {n:Int32}").Scan(&text, &number); err != nil {
		return err
	}
	if text != value || number != -5 {
		return fmt.Errorf("got %q %d", text, number)
	}
	return nil
}

func insertAndRead(ctx context.Context, db *sql.DB) error {
	for _, statement := range []string{
		"CREATE DATABASE IF NOT EXISTS clients",
		"CREATE OR REPLACE TABLE clients.go (id UInt64, name String, at DateTime, price Nullable(Float64)) ENGINE = MergeTree ORDER BY id",
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	batch, err := tx.PrepareContext(ctx, "INSERT INTO clients.go")
	if err != nil {
		return err
	}
	for i := range 10_000 {
		if _, err := batch.ExecContext(ctx, uint64(i), fmt.Sprintf("n%d", i), time.Unix(1704067200, 0), nil); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	var rows, sum, named uint64
	query := "SELECT count(), sum(id), countIf(name = concat('n', toString(id)) AND price IS NULL AND at = '2024-01-01 00:00:00') FROM clients.go"
	if err := db.QueryRowContext(ctx, query).Scan(&rows, &sum, &named); err != nil {
		return err
	}
	if rows != 10_000 || sum != 49_995_000 || named != 10_000 {
		return fmt.Errorf("got %d rows, sum %d, %d as sent", rows, sum, named)
	}
	return nil
}

func stream(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "SELECT number FROM numbers(1000000)")
	if err != nil {
		return err
	}
	defer rows.Close()
	var sum, number uint64
	for rows.Next() {
		if err := rows.Scan(&number); err != nil {
			return err
		}
		sum += number
	}
	if sum != 499_999_500_000 {
		return fmt.Errorf("sum %d", sum)
	}
	return rows.Err()
}

func failure(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "SELECT * FROM clients.nothing")
	if err == nil {
		return errors.New("no error")
	}
	var one uint8
	if scanned := db.QueryRowContext(ctx, "SELECT 1").Scan(&one); scanned != nil {
		return fmt.Errorf("after %v: %w", err, scanned)
	}
	return nil
}
