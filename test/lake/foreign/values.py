"""Values of any reader as text that can be compared, guided by the Delta type of the field."""
import datetime, decimal, json, struct


def canonical(value, kind):
    if value is None:
        return None
    if isinstance(kind, dict):
        if kind["type"] == "array":
            return [canonical(item, kind["elementType"]) for item in value]
        if kind["type"] == "map":
            return sorted([canonical(k, kind["keyType"]), canonical(v, kind["valueType"])] for k, v in pairs(value))
        return [canonical(part(value, field["name"]), field["type"]) for field in kind["fields"]]
    if kind == "double":
        return struct.pack(">d", value).hex() if value == value else "nan"
    if kind == "float":
        return struct.pack(">f", value).hex() if value == value else "nan"
    if kind == "boolean":
        return bool(value)
    if kind == "date":
        return (value.date() if isinstance(value, datetime.datetime) else value).isoformat()
    if kind.startswith("timestamp"):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc)
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if kind.startswith("decimal"):
        text = format(decimal.Decimal(value), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if kind == "string":
        return value
    return str(int(value)) if kind in ("byte", "short", "integer", "long") else str(value)


def pairs(value):
    if isinstance(value, dict):
        return value.items()
    return [(item["key"], item["value"]) if isinstance(item, dict) else item for item in value]


def part(value, name):
    return value[name]


def lines(rows, fields):
    """rows: dicts; sorted texts of the rows in the order of the fields."""
    return sorted(
        json.dumps([canonical(row[f["name"]], f["type"]) for f in fields], ensure_ascii=False, separators=(",", ":"))
        for row in rows
    )
