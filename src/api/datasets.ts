/** Names of datasets and of deliveries: the one place that takes them apart and puts them together. */

/** How far a dataset is on its way from the sources. */
export type Layer = "bronze" | "silver" | "gold";

/** Who keeps the rows of a dataset: Delta tables, or tables of the engine. */
export type Home = "lake" | "warehouse";

/** All layers, in the order in which rows pass through them. */
export const layers: readonly Layer[] = ["bronze", "silver", "gold"];

/** "silver.orders" -> "silver". Undefined for a name that begins with no layer. */
export function layerOf(dataset: string): Layer | undefined {
  return layers.find((layer) => dataset.startsWith(`${layer}.`));
}

/** Gold is kept in the warehouse, everything else in the lake. */
export function homeOf(dataset: string): Home {
  return layerOf(dataset) === "gold" ? "warehouse" : "lake";
}

/** "shop", "orders" -> "bronze.shop_orders" */
export function bronzeName(source: string, table: string): string {
  return `bronze.${source}_${table}`;
}

/** "silver.orders" -> "orders" */
export function shortName(dataset: string): string {
  return dataset.slice(dataset.indexOf(".") + 1);
}

/** A dataset on its way into a sink: "reporting:gold.sales". */
export interface Delivery {
  /** Name of the sink in the configuration. */
  readonly sink: string;
  /** The dataset that is delivered. */
  readonly dataset: string;
}

/** "reporting", "gold.sales" -> "reporting:gold.sales", the name of the task that delivers it. */
export function deliveryName({ sink, dataset }: Delivery): string {
  return `${sink}:${dataset}`;
}

/** The delivery that a task's name means; undefined when the name is that of a dataset. */
export function deliveryOf(task: string): Delivery | undefined {
  const colon = task.indexOf(":");
  return colon < 0 ? undefined : { sink: task.slice(0, colon), dataset: task.slice(colon + 1) };
}
