import { texts } from '../texts';
import type { CatalogKey } from '../tools/bundled';
import cluster from './cluster.json?raw';
import oneTool from './one-tool.json?raw';
import payments from './payments.json?raw';

/** A policy to start from, the catalog that it is for, and the tool whose call shows most. */
export interface Example {
  readonly title: string;
  readonly text: string;
  readonly catalog: CatalogKey;
  readonly tool: string;
}

const t = texts.examples;

export const firstExample: Example = {
  title: t.oneTool,
  text: oneTool.trimEnd(),
  catalog: 'agents',
  tool: 'policy_generation_start',
};

export const examples: readonly Example[] = [
  firstExample,
  { title: t.payments, text: payments.trimEnd(), catalog: 'payments', tool: 'create_charge' },
  { title: t.cluster, text: cluster.trimEnd(), catalog: 'cluster', tool: 'scale_workload' },
];
