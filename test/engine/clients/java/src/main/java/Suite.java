import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** The JDBC driver: Suite &lt;host&gt; &lt;port&gt; &lt;token&gt; */
public final class Suite {
  private interface Check {
    void run(Connection connection) throws Exception;
  }

  public static void main(String[] args) throws Exception {
    Map<String, Check> checks = new LinkedHashMap<>();
    checks.put("types", Suite::types);
    checks.put("insert_and_read", Suite::insertAndRead);
    checks.put("parameters", Suite::parameters);
    checks.put("stream", Suite::stream);
    checks.put("metadata", Suite::metadata);
    checks.put("error", Suite::error);
    boolean failed = false;
    for (String variant : new String[] {"none", "lz4", "http", "both"}) {
      for (Map.Entry<String, Check> check : checks.entrySet()) {
        String name = check.getKey() + " compress=" + variant;
        try (Connection connection = connect(args, variant)) {
          check.getValue().run(connection);
          System.out.println("ok " + name);
        } catch (Exception | AssertionError failure) {
          failed = true;
          System.out.println("FAIL " + name + ": " + failure);
        }
      }
    }
    System.exit(failed ? 1 : 0);
  }

  private static Connection connect(String[] args, String variant) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "default");
    properties.setProperty("password", args[2]);
    properties.setProperty("compress", String.valueOf(!variant.equals("none")));
    properties.setProperty("decompress", String.valueOf(variant.equals("both")));
    properties.setProperty("client.use_http_compression", String.valueOf(variant.equals("http")));
    return DriverManager.getConnection("jdbc:clickhouse://" + args[0] + ":" + args[1] + "/default", properties);
  }

  private static void types(Connection connection) throws SQLException {
    String sql = "SELECT toUInt64(18446744073709551615) AS big, toDecimal64('12.34', 2) AS money, toDate('2024-02-29') AS day,"
        + " toDateTime64('2024-01-01 00:00:00.123', 3, 'UTC') AS at, CAST(NULL AS Nullable(String)) AS none, 'é' AS text";
    try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
      expect(true, row.next());
      expect(new BigInteger("18446744073709551615"), new BigInteger(row.getObject("big").toString()));
      expect(new BigDecimal("12.34"), row.getBigDecimal("money"));
      expect("2024-02-29", row.getString("day"));
      expect(Instant.parse("2024-01-01T00:00:00.123Z"), row.getObject("at", java.time.ZonedDateTime.class).toInstant());
      expect(null, row.getString("none"));
      expect("é", row.getString("text"));
      expect(false, row.next());
    }
  }

  private static void insertAndRead(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE IF NOT EXISTS clients");
      statement.execute("CREATE OR REPLACE TABLE clients.java (id UInt64, name String, at DateTime('UTC'), price Nullable(Decimal(18, 2))) ENGINE = MergeTree ORDER BY id");
    }
    String insert = "INSERT INTO clients.java (id, name, at, price) VALUES (?, ?, ?, ?)";
    try (PreparedStatement batch = connection.prepareStatement(insert)) {
      for (int i = 0; i < 10_000; i++) {
        batch.setLong(1, i);
        batch.setString(2, "n" + i + "';");
        batch.setTimestamp(3, Timestamp.from(Instant.ofEpochSecond(1704067200)));
        batch.setBigDecimal(4, i % 3 == 0 ? new BigDecimal("0.01") : null);
        batch.addBatch();
      }
      expect(10_000, batch.executeBatch().length);
    }
    String sql = "SELECT count() AS n, sum(id) AS ids, sum(price) AS price, countIf(name = concat('n', toString(id), ''';')) AS named FROM clients.java";
    try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
      expect(true, row.next());
      expect(10_000L, row.getLong("n"));
      expect(49_995_000L, row.getLong("ids"));
      expect(new BigDecimal("33.34"), row.getBigDecimal("price"));
      expect(10_000L, row.getLong("named"));
    }
  }

  private static void parameters(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT ? AS s, ? AS n")) {
      statement.setString(1, "it's \\ {x} é");
      statement.setInt(2, -5);
      try (ResultSet row = statement.executeQuery()) {
        expect(true, row.next());
        expect("it's \\ {x} é", row.getString(1));
        expect(-5, row.getInt(2));
      }
    }
  }

  private static void stream(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT number FROM numbers(1000000)")) {
      long sum = 0;
      while (rows.next()) sum += rows.getLong(1);
      expect(499_999_500_000L, sum);
    }
  }

  private static void metadata(Connection connection) throws SQLException {
    try (ResultSet columns = connection.getMetaData().getColumns(null, "clients", "java", "%")) {
      int count = 0;
      while (columns.next()) count++;
      expect(4, count);
    }
  }

  private static void error(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try {
        statement.executeQuery("SELECT * FROM clients.nothing");
        throw new AssertionError("no error");
      } catch (SQLException failure) {
        expect(60, failure.getErrorCode());
      }
      try (ResultSet row = statement.executeQuery("SELECT 1")) {
        expect(true, row.next());
      }
    }
  }

  private static void expect(Object expected, Object actual) {
    if (!java.util.Objects.equals(expected, actual)) {
      throw new AssertionError("expected " + expected + ", got " + actual);
    }
  }
}
