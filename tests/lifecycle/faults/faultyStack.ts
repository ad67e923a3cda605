import { expect } from "vitest";
import { AwsAuthMap, grant, writerRules } from "../../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../../support/cluster/startCluster.ts";
import { seasonedData } from "../../support/engine/manifest.ts";
import { deploymentOf } from "../../support/engine/state.ts";
import { TestProject } from "../../support/engine/testProject.ts";
import { FaultProxy } from "../../support/proxy/faultProxy.ts";
import { inOrder, rolesNamed } from "../../support/variants/declared.ts";
import type { Variant } from "../../support/variants/variant.ts";
import { expectEntries } from "./entries.ts";

/** Four entries that depend on one another and need at least four writes, and two independent ones that share writes. */
const [ordered, free] = [
  ["a", "b", "c", "x"],
  ["y", "z"],
];
const names = [...ordered, ...free];

/** A stack of six mappings on a real API server behind a {@link FaultProxy}. */
export class FaultyStack {
  readonly cluster: TestCluster;
  readonly map: AwsAuthMap;
  readonly proxy: FaultProxy;
  readonly project: TestProject;
  readonly #variant: Variant;

  private constructor(cluster: TestCluster, proxy: FaultProxy, project: TestProject, variant: Variant) {
    this.cluster = cluster;
    this.map = new AwsAuthMap(cluster);
    this.proxy = proxy;
    this.project = project;
    this.#variant = variant;
  }

  static async create(variant: Variant): Promise<FaultyStack> {
    const cluster = await startCluster({ users: [{ name: "deployer" }] });
    await grant(cluster, "deployer", writerRules);
    const proxy = await FaultProxy.start(cluster);
    const config = { "aws-auth:kubeconfig": "proxy.kubeconfig" };
    const project = await TestProject.create({ config, ...variant.options });
    await project.write("proxy.kubeconfig", proxy.kubeconfig("deployer"));
    const stack = new FaultyStack(cluster, proxy, project, variant);
    await stack.program("viewers");
    await stack.map.reset(seasonedData);
    return stack;
  }

  async remove(): Promise<void> {
    await this.project.remove();
    this.proxy.stop();
    await this.cluster.stop();
  }

  /** Writes the program with every entry in one group. */
  program(group: string): Promise<void> {
    const mappings = { ...inOrder(rolesNamed(ordered, [group])), ...rolesNamed(free, [group]) };
    return this.project.program(this.#variant.program(mappings));
  }

  /** Asserts that map and state contain every entry once, in this group, and that no operation is pending. */
  async expectUp(group: string, foreign: readonly string[] = []): Promise<void> {
    await this.proxy.settled();
    await expectEntries(this.map, { names, group, foreign });
    const { resources = [], pending_operations: pending = [] } = await deploymentOf(this.project);
    const stored = resources.filter(({ type }) => type.includes("IdentityMapping"));
    const found = stored.map(({ urn, outputs }) => [urn.split("::").at(-1), outputs?.["groups"]]);
    expect(found.toSorted()).toEqual(names.map((name) => [name, [group]]));
    expect(pending).toHaveLength(0);
  }

  /** Asserts that map and state contain none of our entries. */
  async expectDestroyed(foreign: readonly string[] = []): Promise<void> {
    await this.proxy.settled();
    await expectEntries(this.map, { names: [], foreign });
    const { resources = [], pending_operations: pending = [] } = await deploymentOf(this.project);
    expect([...resources, ...pending]).toHaveLength(0);
  }
}
