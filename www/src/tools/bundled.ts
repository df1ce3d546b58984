import agents from "../catalogs/agents.json";
import cluster from "../catalogs/cluster.json";
import notes from "../catalogs/notes.json";
import payments from "../catalogs/payments.json";
import { texts } from "../texts";
import { catalogOf, type Catalog } from "./catalog";

const files = { agents, payments, cluster, notes } as const;
const names = texts.catalog.names;

export type CatalogKey = keyof typeof files;

/** The small catalogs that come with the page, by the name that templates and links know them by. */
export const catalogs = Object.fromEntries(
  (Object.keys(files) as CatalogKey[]).map((key) => {
    const read = catalogOf(names[key], files[key]);
    if ("error" in read) throw new Error(`${key}: ${read.error}`);
    return [key, { ...read.catalog, key }];
  }),
) as Record<CatalogKey, Catalog>;

export const isBundled = (key: string): key is CatalogKey => Object.hasOwn(catalogs, key);
