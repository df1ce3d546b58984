import approvals from "../examples/approvals.json?raw";
import budget from "../examples/budget.json?raw";
import cluster from "../examples/cluster.json?raw";
import oneTool from "../examples/one-tool.json?raw";
import payments from "../examples/payments.json?raw";
import readOnly from "../examples/read-only.json?raw";
import type { Beginning } from "../state/draft";
import { texts } from "../texts";
import { catalogs, type CatalogKey } from "../tools/bundled";

/** A policy to start from, the catalog that it is for, and the tool whose call shows most. */
export interface Template {
  /** Its name in links; it stays what it is. */
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly policy: string;
  readonly catalog: CatalogKey;
  readonly tool: string;
}

const t = texts.templates;
const template = (
  id: string,
  words: { title: string; about: string },
  policy: string,
  catalog: CatalogKey,
  tool: string,
) => ({ id, ...words, policy: policy.trimEnd(), catalog, tool }) satisfies Template;

export const templates: readonly Template[] = [
  template("one-tool", t.oneTool, oneTool, "agents", "policy_generation_start"),
  template("read-only", t.readOnly, readOnly, "notes", "search_notes"),
  template("payments", t.payments, payments, "payments", "create_charge"),
  template("approvals", t.approvals, approvals, "payments", "create_refund"),
  template("budget", t.budget, budget, "payments", "create_charge"),
  template("cluster", t.cluster, cluster, "cluster", "scale_workload"),
];

export function beginningOf({ title, policy, catalog, tool }: Template): Beginning {
  return { name: title, policy, catalog: catalogs[catalog], tool };
}
