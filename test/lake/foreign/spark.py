"""Spark: read every table of the manifest, write into ours, make its own. Usage: spark.py manifest.json out.json <folder of jars>"""
import glob, json, os, sys, time, traceback

os.environ["TZ"] = "UTC"
time.tzset()
from pyspark.sql import SparkSession
from values import lines

manifest = json.load(open(sys.argv[1]))
jars = [jar for name in ("delta-*", "unitycatalog-*") for jar in glob.glob(sys.argv[3] + "/" + name + ".jar")]
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.jars", ",".join(jars))
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.shuffle.partitions", "1")
    .config("spark.databricks.delta.snapshotPartitions", "1")
    .config("spark.ui.enabled", "false")
    .config("spark.ui.showConsoleProgress", "false")
    .config("spark.driver.memory", "1g")
    .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    .config("spark.sql.codegen.wholeStage", "false")
    .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
    .config("spark.sql.adaptive.enabled", "false")
    .config("spark.sql.warehouse.dir", manifest["folder"] + "/warehouse")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
out = {"spark": {}, "written": {}, "own": {}}


def attempt(kind, name, work):
    try:
        out[kind][name] = work()
    except BaseException as error:
        out[kind][name] = "error: " + "".join(traceback.format_exception_only(error)).strip()[:500]
    json.dump(out, open(sys.argv[2], "w"))


def rows(path, fields):
    frame = spark.read.format("delta").load(path)
    return lines([row.asDict(recursive=False) for row in frame.collect()], fields)


def run(path, statements):
    for statement in statements:
        spark.sql(statement.replace("$t", "delta.`" + path + "`"))


for table in manifest["tables"]:
    attempt("spark", table["name"], lambda: rows(table["path"], table["fields"]))


def change(table):
    run(table["path"], ["INSERT INTO $t SELECT * FROM $t LIMIT 2", "DELETE FROM $t WHERE id = 1", "OPTIMIZE $t"])
    return rows(table["path"], table["fields"])


for table in manifest["writable"]:
    attempt("written", table["name"], lambda: change(table))


def own(table):
    run(table["path"], table["statements"])
    frame = spark.read.format("delta").load(table["path"])
    fields = json.loads(frame.schema.json())["fields"]
    return {"fields": fields, "rows": rows(table["path"], fields)}


for table in manifest["own"]:
    attempt("own", table["name"], lambda: own(table))

spark.stop()
