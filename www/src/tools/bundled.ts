import agents from "../catalogs/agents.json";
import cluster from "../catalogs/cluster.json";
import notes from "../catalogs/notes.json";
import payments from "../catalogs/payments.json";
import { texts } from "../texts";
import { catalogOf, type Catalog } from "./catalog";

function bundled(title: string, value: unknown): Catalog {
  const read = catalogOf(title, value);
  if ("error" in read) throw new Error(`${title}: ${read.error}`);
  return read.catalog;
}

/** The small catalogs that come with the page, by the name that the examples know them by. */
export const catalogs = {
  agents: bundled(texts.catalog.names.agents, agents),
  payments: bundled(texts.catalog.names.payments, payments),
  cluster: bundled(texts.catalog.names.cluster, cluster),
  notes: bundled(texts.catalog.names.notes, notes),
} as const;

export type CatalogKey = keyof typeof catalogs;
