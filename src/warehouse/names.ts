/** Where the tables of a dataset stand. */

/** Database of tables that are being made. */
export const staging = "staging";

/** "gold" of "gold.fact_daily_sales" */
export const databaseOf = (dataset: string): string => dataset.slice(0, dataset.indexOf("."));
export const nameOf = (dataset: string): string => dataset.slice(dataset.indexOf(".") + 1);
export const stagedName = (dataset: string, taskId: string): string =>
  `${staging}.${nameOf(dataset)}@${taskId}`;
