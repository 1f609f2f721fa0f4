/** What the tables of a dataset are called. */

/** Database of tables that are being made. */
export const staging = "staging";

/** "gold" of "gold.fact_daily_sales" */
export const databaseOf = (dataset: string): string => dataset.slice(0, dataset.indexOf("."));
/** "fact_daily_sales" of "gold.fact_daily_sales". */
export const nameOf = (dataset: string): string => dataset.slice(dataset.indexOf(".") + 1);
/** Full name of the table in which a task builds the next version: "staging.fact_daily_sales@<task>". */
export const stagedName = (dataset: string, taskId: string): string =>
  `${staging}.${nameOf(dataset)}@${taskId}`;
