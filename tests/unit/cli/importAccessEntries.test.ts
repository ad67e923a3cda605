import { runInNewContext } from "node:vm";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { renderAccessEntries } from "../../../cli/importAccessEntries.ts";
import { entry, iam, nodes } from "../../support/migration/world.ts";
import { adminPolicyArn, facts, found, liveAdmin, liveOf } from "../migration/support.ts";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly options?: { readonly import?: string };
}

/** Runs a printed program with resources that only say what they were made from. */
function run(text: string): Registered[] {
  const registered: Registered[] = [];
  const resource = (type: string) =>
    class {
      readonly principalArn: unknown;
      constructor(name: string, args: Registered["args"], options?: Registered["options"]) {
        this.principalArn = args["principalArn"];
        registered.push({ type, name, args, ...(options !== undefined && { options }) });
      }
    };
  const eks = { AccessEntry: resource("AccessEntry"), AccessPolicyAssociation: resource("AccessPolicyAssociation") };
  runInNewContext(text.replace(/^import .*$/m, ""), { aws: { eks } });
  return JSON.parse(JSON.stringify(registered));
}

const program = (given: Parameters<typeof facts>[0]) => renderAccessEntries(facts(given), "prod");
const dev = { mapRoles: entry(iam("role/dev"), "dev", "viewers") };

describe("the printed program of access entries", () => {
  it("imports what is there by its ID, with its policies", () => {
    const view = adminPolicyArn.replace("ClusterAdmin", "View");
    const entries = [
      {
        ...liveAdmin(iam("role/eng/admins"), "admin"),
        policies: [
          { policyArn: adminPolicyArn, scope: { type: "cluster" } as const },
          { policyArn: view, scope: { type: "namespace", namespaces: ["a", "b"] } as const },
        ],
      },
    ];
    const principalArn = iam("role/eng/admins");
    expect(run(program({ entries }))).toEqual([
      {
        type: "AccessEntry",
        name: "admins",
        args: { clusterName: "prod", principalArn, userName: "admin" },
        options: { import: `prod:${principalArn}` },
      },
      {
        type: "AccessPolicyAssociation",
        name: "admins-AmazonEKSClusterAdminPolicy",
        args: { clusterName: "prod", principalArn, policyArn: adminPolicyArn, accessScope: { type: "cluster" } },
        options: { import: `prod#${principalArn}#${adminPolicyArn}` },
      },
      {
        type: "AccessPolicyAssociation",
        name: "admins-AmazonEKSViewPolicy",
        args: {
          clusterName: "prod",
          principalArn,
          policyArn: view,
          accessScope: { type: "namespace", namespaces: ["a", "b"] },
        },
        options: { import: `prod#${principalArn}#${view}` },
      },
    ]);
  });

  it("makes what is not there, with the note that says what is not the same", () => {
    const map = { mapRoles: entry(iam("role/admins"), "admin", "ops", "system:masters") + nodes("workers") };
    const text = program({ map });
    expect(run(text)).toMatchObject([
      { args: { principalArn: iam("role/eng/admins"), userName: "admin", kubernetesGroups: ["ops"] } },
      { args: { policyArn: adminPolicyArn } },
      { args: { principalArn: iam("role/eng/workers"), type: "EC2_LINUX" } },
    ]);
    expect(run(text).flatMap(({ options }) => options ?? [])).toEqual([]);
    expect(run(text)[2]?.args).not.toHaveProperty("userName");
    expect(text.replaceAll("\n// ", " ")).toContain('no access entry yet; group "system:masters" becomes the access');
  });

  it("says in CONFIG_MAP that the mode comes first", () => {
    expect(program({ map: dev, mode: "CONFIG_MAP" })).toContain("// The cluster is in mode CONFIG_MAP, in which EKS");
    expect(program({ map: dev })).not.toContain("in which EKS refuses");
  });

  it("imports an access entry that differs from the map as it is, and says how it differs", () => {
    const text = program({ map: dev, entries: [liveOf({ username: "other" })] });
    expect(run(text)).toMatchObject([
      { args: { userName: "other" }, options: { import: `prod:${iam("role/eng/dev")}` } },
    ]);
    expect(text).toContain(
      "// mapRoles entry 1 (line 1): its access entry counts already, and differs: username other",
    );
  });

  it("has the tags, which an import compares, and says what those of claims are", () => {
    const tags = { team: "a", "pulumi-aws-auth/claims/abc": "org/infra/prod dev", "aws:created": "x" };
    const text = program({ entries: [liveOf({ tags })] });
    expect(run(text)[0]?.args["tags"]).toEqual({ team: "a", "pulumi-aws-auth/claims/abc": "org/infra/prod dev" });
    expect(text).toContain('// Claimed by "org/infra/prod dev": take the tag away once that one is gone.');
  });

  it("leaves to AWS what AWS makes, and says what does not move and why", () => {
    const roleArn = iam("role/eng/workers");
    const service = iam("role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch");
    const text = program({
      map: { mapRoles: nodes("workers") + entry(iam("role/dev"), "system:dev"), mapAccounts: '- "012345678901"\n' },
      eksRoles: [{ kind: "nodegroup", name: "workers", roleArn }],
      entries: [
        liveOf({ principalArn: roleArn, type: "EC2_LINUX" }),
        liveOf({ principalArn: service, username: "aws-batch" }),
      ],
    });
    expect(run(text)).toEqual([]);
    const told = text.replaceAll("\n// ", " ");
    expect(told).toContain(
      `Not moved: mapRoles entry 1 (line 1), "${iam("role/workers")}": the access entry of EKS is there`,
    );
    expect(told).toContain('username "system:dev" begins with "system:"');
    expect(told).toContain('Not moved: mapAccounts entry 1 (line 1), "012345678901": account "012345678901" has no');
    expect(told).toContain(`Left to AWS, which has made it: the access entry of ${service} (STANDARD).`);
    expect(told.match(/Left to AWS/g)).toHaveLength(1);
    expect(told).not.toContain("const clusterName");
  });

  it("has the access entries of those whose mapping cannot move as well", () => {
    const hybrid = iam("role/hybrid");
    const text = program({
      map: {
        mapRoles: entry(iam("role/dev"), "system:dev") + nodes("hybrid", "system:node:{{SessionName}}"),
      },
      principals: { [hybrid]: found(hybrid) },
      entries: [liveOf({ username: "by-hand" }), liveOf({ principalArn: hybrid, type: "HYBRID_LINUX" })],
    });
    expect(run(text)).toMatchObject([
      { args: { userName: "by-hand" }, options: { import: `prod:${iam("role/eng/dev")}` } },
      { args: { type: "HYBRID_LINUX" }, options: { import: `prod:${hybrid}` } },
    ]);
    const told = text.replaceAll("\n// ", " ");
    expect(told).toContain(`Not moved: mapRoles entry 1 (line 1), "${iam("role/dev")}": username "system:dev" begins`);
    expect(told.match(/Not moved/g)).toHaveLength(2);
  });

  it("is TypeScript with a variable of its own for each, however alike and odd the names of roles are", () => {
    const names = ["a-b", "a.b", "a_b", "1st", "=", "class", "A-B-c"];
    const entries = names.map((name) => liveAdmin(iam(`role/x/${name}`), name));
    const principals = Object.fromEntries(names.map((name) => [iam(`role/${name}`), found(iam(`role/x/${name}`))]));
    const text = program({ entries, principals });
    expect(run(text).filter(({ type }) => type === "AccessEntry")).toHaveLength(names.length);
    const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true });
    expect(diagnostics).toEqual([]);
  });

  it("cannot be made to run or to show anything else by hostile content", () => {
    const evil = `"); evil("\`\${evil()}\u2028evil();\u202e`;
    const text = renderAccessEntries(
      facts({ entries: [liveOf({ username: evil, groups: [evil], tags: { [evil]: evil } })] }),
      'prod"); evil("',
    );
    expect(text).not.toMatch(/[^\n\x20-\x7e]/);
    expect(run(text)).toMatchObject([{ args: { userName: evil, kubernetesGroups: [evil], tags: { [evil]: evil } } }]);
  });
});
