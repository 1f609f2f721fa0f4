/** What a check type is: a file in checks/ that turns a declared check into SQL and its answer into a result. */
import type { z } from "zod";
import type { CheckSpec, Dimension } from "../api/checks.ts";
import type { Column } from "../engine/engine.ts";
import type { Model } from "../project/project.ts";
import type { Problem } from "../util/errors.ts";

/** Answers of the aggregates as text; null where the aggregate is NULL. */
export type Answers = Readonly<Record<string, string | null>>;

/** What a check may use to write its SQL. */
export interface CompileInput {
  /** That the check belongs to. */
  readonly dataset: string;
  /** Table expression of the rows to look at. */
  readonly from: string;
  /** Columns by which these rows are sorted; empty when that is not known. */
  readonly sortedBy: readonly string[];
  /** Table expression of any dataset; throws when it does not exist. */
  readonly other: (dataset: string) => string;
  /** Row counts of earlier publications, newest first. */
  readonly history: readonly number[];
  /** The same for all checks of an audit. */
  readonly now: Date;
  /** The task whose rows are judged before they are published; undefined: published rows are. */
  readonly task: JudgedTask | undefined;
}

/** What a task did with the rows it read. */
export interface JudgedTask {
  /** Its rejects are staged under it. */
  readonly taskId: string;
  /** Rows that it read. */
  readonly read: number;
  /** Of those, rows that went into quarantine. */
  readonly rejected: number;
  /** Columns by which the newest version of a row is chosen; empty: the model has no such choice. */
  readonly key: readonly Column[];
  /** Columns that decide between rows of the same key; empty when `key` is. */
  readonly newestBy: readonly Column[];
}

/** What a check found. */
export interface Finding {
  /** Rows (or for a check of the whole table: 1) that were looked at. */
  readonly elements: number;
  /** Of those, the bad ones; 0: all is well. */
  readonly unexpected: number;
  /** Sentence for a person. */
  readonly message: string;
  /** Set when the check could not judge, e.g. without enough history. */
  readonly skipped?: boolean;
  /** Shown instead of sample rows: the numbers that a table check compared. */
  readonly sample?: readonly Record<string, unknown>[];
  /** Overrides the declared severity, for checks with two limits. */
  readonly severity?: CheckSpec["severity"];
}

/** A check as SQL, ready to be asked together with others. */
export interface CompiledCheck {
  /** Named expressions over a row that the aggregates use; names are unique within the dataset. */
  readonly aliases?: readonly (readonly [name: string, sql: string])[];
  /** Aggregate expressions over `from`; all checks of a dataset share one scan. */
  readonly aggregates: Readonly<Record<string, string>>;
  /** From the answers of the aggregates to a finding. Pure. */
  readonly judge: (answers: Answers) => Finding;
  /** Costlier SELECTs of one number that replace aggregates of the same name, asked only when the verdict was bad. */
  readonly recount?: Readonly<Record<string, string>>;
  /** SELECT of the bad rows; for a table check: of the numbers it judged. */
  readonly badRows: string;
}

/** What a check may look at in the model that declares it. */
export type CheckedModel = Pick<Model, "reject" | "columns">;

/** A check type as its file describes it; `A`: its arguments, complete. */
export interface CheckType<A> {
  /** Name in a header, and of the file (with - for _). */
  readonly type: string;
  /** What it measures, when the header names no other. */
  readonly dimension: Dimension;
  /** True when it must be declared under a column or name one in its arguments. */
  readonly needsColumn: boolean;
  /**
   * `row`: whether a row is bad follows from that row (and other datasets), so that only new rows need to be judged.
   * `dataset`: all rows together are judged.
   */
  readonly judges: "row" | "dataset";
  /** Strict: unknown arguments are refused. */
  readonly arguments: z.ZodType<A>;
  /** Other datasets it reads: "silver.customers". Default: none. */
  readonly datasets?: (args: A) => readonly string[];
  /** How many row counts of earlier publications it compares with. Default: 0. */
  readonly history?: (args: A) => number;
  /** What is wrong with the arguments in this model, before anything runs. Default: nothing. */
  readonly problems?: (args: A, spec: CheckSpec, model: CheckedModel) => readonly Problem[];
  /** Throws `model` for arguments that name what is not there. */
  readonly compile: (spec: CheckSpec, args: A, input: CompileInput) => CompiledCheck;
}

/** A check type whose argument type is closed over, as the registry holds them. Each parses the arguments itself. */
export interface AnyCheckType
  extends Pick<CheckType<unknown>, "type" | "dimension" | "needsColumn" | "judges" | "arguments"> {
  /** Other datasets a declared check reads; none when its arguments are wrong. */
  readonly datasets: (spec: CheckSpec) => readonly string[];
  /** How many row counts of earlier publications a declared check needs; 0 when its arguments are wrong. */
  readonly history: (spec: CheckSpec) => number;
  /** What is wrong with a declared check in its model; nothing when its arguments are wrong by themselves. */
  readonly problems: (spec: CheckSpec, model: CheckedModel) => readonly Problem[];
  /** Throws what `arguments` refuses, and `model` for arguments that name what is not there. */
  readonly compile: (spec: CheckSpec, input: CompileInput) => CompiledCheck;
}

/** Closes over the argument type. */
export function defineCheck<A>(check: CheckType<A>): AnyCheckType {
  const parsed = ({ arguments: given }: CheckSpec) => check.arguments.safeParse(given);
  return {
    type: check.type,
    dimension: check.dimension,
    needsColumn: check.needsColumn,
    judges: check.judges,
    arguments: check.arguments,
    datasets: (spec) => {
      const { success, data } = parsed(spec);
      return success && check.datasets !== undefined ? check.datasets(data) : [];
    },
    history: (spec) => {
      const { success, data } = parsed(spec);
      return success && check.history !== undefined ? check.history(data) : 0;
    },
    problems: (spec, model) => {
      const { success, data } = parsed(spec);
      return success && check.problems !== undefined ? check.problems(data, spec, model) : [];
    },
    compile: (spec, input) => check.compile(spec, check.arguments.parse(spec.arguments), input),
  };
}
