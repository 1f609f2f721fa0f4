"""delta-rs and polars: read every table of the manifest, then delta-rs writes. Usage: native.py manifest.json out.json"""
import json, os, sys, traceback
import polars, pyarrow
from deltalake import DeltaTable, write_deltalake
from values import lines

manifest = json.load(open(sys.argv[1]))
out = {"deltars": {}, "polars": {}, "written": {}}


def attempt(reader, name, work):
    try:
        out[reader][name] = work()
    except BaseException as error:
        out[reader][name] = "error: " + "".join(traceback.format_exception_only(error)).strip()[:500]


def read_deltars(path, fields):
    return lines(DeltaTable(path).to_pyarrow_table().to_pylist(), fields)


for table in manifest["tables"]:
    path, fields = table["path"], table["fields"]
    attempt("deltars", table["name"], lambda: read_deltars(path, fields))
    attempt("polars", table["name"], lambda: lines(polars.read_delta(path).to_dicts(), fields))


def writes(path, fields):
    table = DeltaTable(path)
    some = table.to_pyarrow_table().slice(0, 2)
    write_deltalake(path, some, mode="append")
    table = DeltaTable(path)
    table.delete("id = 1")
    table.optimize.compact()
    table.create_checkpoint()
    return read_deltars(path, fields)


for table in manifest["writable"]:
    attempt("written", table["name"], lambda: writes(table["path"], table["fields"]))

with open(sys.argv[2], "w") as file:
    json.dump(out, file)
# Not by the interpreter's own end: threads of the readers that still run then abort the process.
os._exit(0)
