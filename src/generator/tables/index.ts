/** The tables of the shop, each after those that it refers to, with the rows that a simulation gives. */
import type { Order, Simulation, TableSimulation } from "../simulation.ts";
import { campaignsTable } from "./campaigns.ts";
import { customersTable } from "./customers.ts";
import { inventoryTable } from "./inventory.ts";
import { orderItemsTable } from "./order-items.ts";
import { ordersTable } from "./orders.ts";
import { productsTable } from "./products.ts";
import type { Cell, Table } from "./table.ts";

/** In the order in which they can be filled: a table comes after those that it refers to. */
export const tableNames = [
  customersTable.name,
  productsTable.name,
  campaignsTable.name,
  ordersTable.name,
  orderItemsTable.name,
  inventoryTable.name,
];

/** A table with its rows, whatever these are made from. */
export interface ShopTable extends Omit<Table<never>, "columns"> {
  /** Column name -> type in PostgreSQL. */
  readonly columns: Readonly<Record<string, string>>;
  /** Makes the rows one at a time; each has its values in the order of `columns`. */
  rows(): Generator<readonly Cell[]>;
}

/** The six tables. Of a simulation of one day: only the rows that were inserted or changed on that day. */
export function shopTables(simulation: TableSimulation): readonly ShopTable[] {
  return [
    shopTable(customersTable, () => simulation.customers()),
    shopTable(productsTable, () => simulation.products()),
    shopTable(campaignsTable, () => simulation.campaigns()),
    shopTable(ordersTable, () => writtenOrders(simulation)),
    shopTable(orderItemsTable, () => simulation.lines()),
    shopTable(inventoryTable, () => simulation.moves()),
  ];
}

function shopTable<Row extends { readonly fault?: string }>(
  table: Table<Row>,
  rows: () => Iterable<Row>,
): ShopTable {
  const columns = Object.entries(table.columns);
  const values = columns.map(([, column]) => column.value);
  const spoiled = columns.findIndex(([name]) => name === table.wrongType.column);
  return {
    ...table,
    columns: Object.fromEntries(columns.map(([name, column]) => [name, column.type])),
    *rows() {
      for (const row of rows()) {
        const cells = values.map((value) => value(row));
        if (row.fault === "wrong_type") cells[spoiled] = table.wrongType.value;
        yield cells;
      }
    },
  };
}

function* writtenOrders({ orders, since }: Simulation): Generator<Order> {
  for (const order of orders()) if (order.updatedAt >= since) yield order;
}
