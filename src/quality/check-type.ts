/** What a check type is: a file in checks/ that turns a declared check into SQL and its answer into a result. */
import type { z } from "zod";
import type { CheckSpec, Dimension } from "../api/checks.ts";
import type { Column } from "../engine/engine.ts";

/** Answers of the aggregates as text; null where the aggregate is NULL. */
export type Answers = Readonly<Record<string, string | null>>;

export interface CompileInput {
  readonly dataset: string;
  /** Table expression of the rows to look at. */
  readonly from: string;
  /** Columns by which these rows lie sorted; empty when that is not known. */
  readonly sortedBy: readonly string[];
  /** Table expression of any dataset; throws when it does not exist. */
  readonly other: (dataset: string) => string;
  /** Row counts of earlier publications, newest first. */
  readonly history: readonly number[];
  readonly now: Date;
  /** The task whose rows are judged before they are published; undefined: published rows are. */
  readonly task: JudgedTask | undefined;
}

/** What a task did with the rows it read. */
export interface JudgedTask {
  readonly taskId: string;
  readonly read: number;
  readonly rejected: number;
  /** Columns by which the newest version of a row is chosen; empty: the model has no such choice. */
  readonly key: readonly Column[];
  readonly newestBy: readonly Column[];
}

/** What a check found. */
export interface Finding {
  /** Rows (or for a check of the whole table: 1) that were looked at. */
  readonly elements: number;
  readonly unexpected: number;
  /** Sentence for a person. */
  readonly message: string;
  /** Set when the check could not judge, e.g. without enough history. */
  readonly skipped?: boolean;
  /** Stands instead of sample rows: the numbers a table check compared. */
  readonly sample?: readonly Record<string, unknown>[];
  /** Overrides the declared severity, for checks with two limits. */
  readonly severity?: CheckSpec["severity"];
}

export interface CompiledCheck {
  /** Named expressions over a row that the aggregates use; names are unique within the dataset. */
  readonly aliases?: readonly (readonly [name: string, sql: string])[];
  /** Aggregate expressions over `from`; all checks of a dataset share one scan. */
  readonly aggregates: Readonly<Record<string, string>>;
  readonly judge: (answers: Answers) => Finding;
  /** Costlier SELECTs of one number that stand for aggregates of the same name, asked only when the verdict was bad. */
  readonly recount?: Readonly<Record<string, string>>;
  /** SELECT of the bad rows; for a table check: of the numbers it judged. */
  readonly badRows: string;
}

export interface CheckType<A> {
  /** Name in a header, and of the file. */
  readonly type: string;
  readonly dimension: Dimension;
  /** True when it must stand under a column or name one in its arguments. */
  readonly needsColumn: boolean;
  /** Strict: unknown arguments are refused. */
  readonly arguments: z.ZodType<A>;
  readonly compile: (spec: CheckSpec, args: A, input: CompileInput) => CompiledCheck;
}

/** A check type whose argument type is closed over, as the registry holds them. */
export interface AnyCheckType {
  readonly type: string;
  readonly dimension: Dimension;
  readonly needsColumn: boolean;
  readonly arguments: z.ZodType;
  readonly compile: (spec: CheckSpec, input: CompileInput) => CompiledCheck;
}

/** Closes over the argument type: the compiled check parses its own arguments. */
export function defineCheck<A>(check: CheckType<A>): AnyCheckType {
  return {
    type: check.type,
    dimension: check.dimension,
    needsColumn: check.needsColumn,
    arguments: check.arguments,
    compile: (spec, input) => check.compile(spec, check.arguments.parse(spec.arguments), input),
  };
}
