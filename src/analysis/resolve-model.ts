/** One model against the engine: its result columns, and everything in its header that names a column. */
import type { Column, Engine } from "../engine/engine.ts";
import { describe } from "../engine/introspect.ts";
import { lex } from "../engine/lexer.ts";
import { ident, text } from "../engine/sql.ts";
import { headerLine } from "../project/header-lines.ts";
import { at, type Path, unknownName } from "../project/issues.ts";
import type { Model } from "../project/project.ts";
import { messageOf, type Problem } from "../util/errors.ts";
import type { Scratch } from "./scratch.ts";
import { sqlProblem } from "./sql-problem.ts";

/** What models are resolved with, one after the other. */
export interface ResolveContext {
  /** Describes SELECTs and expressions. */
  readonly engine: Engine;
  /** Holds an empty table for each input, and gets one for the model. */
  readonly scratch: Scratch;
  /** Absolute folder of the project. */
  readonly dir: string;
  /** All datasets of the project. */
  readonly datasets: readonly string[];
  /** Everything that is wrong is added here. */
  readonly problems: Problem[];
}

/** The columns of a model whose inputs have scratch tables. Undefined, with problems, when the SELECT is wrong. */
export async function resolveSchema(
  model: Model,
  context: ResolveContext,
): Promise<readonly Column[] | undefined> {
  return (await resolveAtOnce(model, context)) ?? resolveInSteps(model, context);
}

/** One statement for SELECT, declared types and expressions; undefined when anything about them is wrong. */
async function resolveAtOnce(model: Model, { engine, scratch, dir }: ResolveContext) {
  const list = expressions(model, dir);
  if (!list.every((expression) => isOneExpression(expression.text))) return undefined;
  const typed = model.columns.flatMap(({ name, type }) =>
    type === undefined ? [] : [`defaultValueOfTypeName(${text(type)}) AS ${ident(name)}`],
  );
  const all = typed.length === 0 ? "*" : `* REPLACE (${typed.join(", ")})`;
  const sql = `SELECT ${["*", ...aliased(list)].join(", ")} FROM (SELECT ${all} FROM (\n${model.sql}\n))`;
  const columns = await describe(engine, scratch.rewrite(sql)).catch(() => []);
  const schema = columns.slice(0, columns.length - list.length);
  const types = columns.slice(schema.length).map(({ type }) => type);
  const problems: Problem[] = [];
  for (const column of schema) reportUnusable(model, column, { problems });
  reportNames(model, schema, { dir, problems });
  const conditions = list.every(({ condition }, i) => !condition || isCondition(types[i] ?? ""));
  return schema.length > 0 && conditions && problems.length === 0 ? schema : undefined;
}

/** Step by step, so that each thing that is wrong gets its own message. Makes the model's scratch table. */
async function resolveInSteps(model: Model, context: ResolveContext): Promise<Column[] | undefined> {
  const { scratch, problems } = context;
  const selected = await describeSelect(model, context);
  if (!selected) return undefined;
  const before = problems.length;
  for (const column of selected) reportUnusable(model, column, context);
  if (problems.length > before) return undefined;
  const schema: Column[] = [];
  for (const { name, type } of selected) {
    const declared = model.columns.find((column) => column.name === name)?.type;
    schema.push({
      name,
      type: declared === undefined ? type : await canonicalType(model, { name, type }, declared, context),
    });
  }
  reportNames(model, schema, context);
  try {
    await scratch.create(model.dataset, schema);
  } catch (error) {
    problems.push(sqlProblem(error, { ...model, datasets: context.datasets }));
    return undefined;
  }
  await checkExpressions(model, context);
  return schema;
}

async function describeSelect(model: Model, { engine, scratch, datasets, problems }: ResolveContext) {
  try {
    return await describe(engine, scratch.rewrite(model.sql));
  } catch (error) {
    problems.push(sqlProblem(error, { ...model, datasets, plain: scratch.plain }));
    return undefined;
  }
}

function reportUnusable(
  model: Model,
  { name, type }: Column,
  { problems }: Pick<ResolveContext, "problems">,
): void {
  const place = at(model.file, model.sqlLine);
  if (/[ ,;{}()\n\t=`"\\]/.test(name))
    problems.push({
      message: `column "${name}" has no name of its own`,
      hint: "give it one: ... AS name",
      ...place,
    });
  const declared = model.columns.find((column) => column.name === name)?.type;
  if (declared === undefined && /\bNothing\b/.test(type))
    problems.push({
      message: `column "${name}" has no type: it is always empty or NULL`,
      hint: `cast it, e.g. CAST(NULL AS Nullable(String)) AS ${name}`,
      ...place,
    });
}

/** The declared type as the engine spells it; the selected one, with a problem, when it is no type. */
async function canonicalType(
  model: Model,
  selected: Column,
  declared: string,
  { engine, dir, problems }: ResolveContext,
): Promise<string> {
  try {
    const [row] = await engine.rows<{ type: string }>(
      "SELECT toTypeName(defaultValueOfTypeName({type:String})) AS type",
      { params: { type: declared } },
    );
    return row?.type ?? declared;
  } catch (error) {
    const message = /Unknown data type family/.test(messageOf(error))
      ? ""
      : `: ${sqlProblem(error, model).message}`;
    const hint = /Maybe you meant: \['([^']+)'/.exec(messageOf(error))?.[1];
    problems.push({
      message: `"${declared}" is no ClickHouse type${message}`,
      ...(hint === undefined ? {} : { hint: `did you mean "${hint}"?` }),
      ...at(model.file, headerLine(dir, model.file, ["columns", selected.name, "type"])),
    });
    return selected.type;
  }
}

/** Columns that the header names must be columns of the result. */
function reportNames(
  model: Model,
  schema: readonly Column[],
  { dir, problems }: Pick<ResolveContext, "dir" | "problems">,
): void {
  const known = schema.map(({ name }) => name);
  const report = (name: string, path: Path, line?: number) => {
    if (known.includes(name)) return;
    problems.push({
      ...unknownName(`column "${name}"`, name, known, path[0] === "columns" ? "" : String(path[0])),
      ...at(model.file, line ?? headerLine(dir, model.file, path)),
    });
  };
  for (const { name } of model.columns) report(name, ["columns", name]);
  for (const name of model.key) report(name, ["key"]);
  for (const name of model.newestBy) report(name, ["newest_by"]);
  for (const name of model.orderBy) if (!model.key.includes(name)) report(name, ["order_by"]);
  for (const check of model.checks) {
    const line = Number(/:(\d+)$/.exec(check.location)?.[1]);
    for (const name of checkColumns(check.arguments)) report(name, [`check ${check.name}`], line);
  }
}

function checkColumns({ column, columns }: Readonly<Record<string, unknown>>): string[] {
  const names = Array.isArray(columns) ? columns : typeof column === "string" ? [column] : [];
  return names.filter((name) => typeof name === "string");
}

interface Expression {
  readonly text: string;
  readonly what: string;
  readonly file: string;
  readonly line: number | undefined;
  readonly condition: boolean;
}

/** partition_by, reject conditions and the `where` of checks are expressions over the dataset's own columns. */
async function checkExpressions(model: Model, context: ResolveContext): Promise<void> {
  const all = expressions(model, context.dir);
  const wellFormed = all.filter((expression) => isOneExpression(expression.text));
  for (const { text, what, file, line } of all)
    if (!isOneExpression(text))
      context.problems.push({ message: `${what} is not one SQL expression`, ...at(file, line) });
  if (wellFormed.length === 0) return;
  const whole = await describeExpressions(model, wellFormed, context).catch(() => undefined);
  for (const [i, expression] of wellFormed.entries()) {
    const { what, file, line, condition } = expression;
    try {
      const type =
        whole?.[i]?.type ?? (await describeExpressions(model, [expression], context))[0]?.type ?? "";
      if (condition && !isCondition(type))
        context.problems.push({ message: `${what} is no condition: its type is ${type}`, ...at(file, line) });
    } catch (error) {
      const { message, hint } = sqlProblem(error, { ...model, plain: context.scratch.plain });
      context.problems.push({
        message: `${what}: ${message}`,
        ...(hint === undefined ? {} : { hint }),
        ...at(file, line),
      });
    }
  }
}

function isCondition(type: string): boolean {
  return /^(LowCardinality\()?(Nullable\()?(U?Int\d+|Bool|Float\d+|Nothing)/.test(type);
}

function expressions(model: Model, dir: string): Expression[] {
  const { file, partitionBy } = model;
  const partition: Expression[] =
    partitionBy === undefined
      ? []
      : [
          {
            text: partitionBy,
            what: "partition_by",
            file,
            get line() {
              return headerLine(dir, file, ["partition_by"]);
            },
            condition: false,
          },
        ];
  const rejects = model.reject.map(({ name, condition, location }) => ({
    text: condition,
    what: `reject rule ${name}`,
    ...placeOf(location),
    condition: true,
  }));
  const wheres = model.checks.flatMap(({ name, where, location }) =>
    where === undefined
      ? []
      : [{ text: where, what: `where of check ${name}`, ...placeOf(location), condition: true }],
  );
  return [...partition, ...rejects, ...wheres];
}

function placeOf(location: string): { file: string; line: number } {
  const colon = location.lastIndexOf(":");
  return { file: location.slice(0, colon), line: Number(location.slice(colon + 1)) };
}

/** No bracket that was not opened, no second statement, no list: safe to put in brackets of its own. */
function isOneExpression(text: string): boolean {
  const tokens = lex(text);
  return (
    tokens.length > 0 &&
    tokens.every(
      ({ kind, text, depth }) =>
        kind !== "error" && depth >= 0 && text !== ";" && !(text === "," && depth === 0),
    )
  );
}

function describeExpressions(model: Model, list: readonly Expression[], { engine, scratch }: ResolveContext) {
  return describe(engine, scratch.rewrite(`SELECT ${aliased(list).join(", ")} FROM ${model.dataset}`));
}

function aliased(list: readonly Expression[]): string[] {
  return list.map(({ text }, i) => `(\n${text}\n) AS ${ident(`_expression_${i}`)}`);
}
