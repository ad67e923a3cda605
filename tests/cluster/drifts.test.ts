import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessEntryCluster, account, roleOf, startEntryCluster } from "../support/eks/entryCluster.ts";
import type { AuthenticationMode } from "../support/eks/state.ts";
import { sample } from "../support/nightly.ts";
import { withoutOptions } from "../support/variants/declared.ts";
import { variants } from "../support/variants/variant.ts";

/** What a command with `--expect-no-changes` does. */
type Result =
  /** Shows a change, and fails for it. */
  | "drift"
  /** Fails with an error. */
  | "refused"
  /** Succeeds. */
  | "warning";

interface Row {
  readonly drift: string;
  readonly arn?: string;
  /** Default: `CONFIG_MAP`. */
  readonly mode?: AuthenticationMode;
  readonly by: (world: AccessEntryCluster) => unknown;
  readonly preview: Result;
  /** Cannot refuse. Default: as the preview. */
  readonly refresh?: Result;
  /** In the output of each command. */
  readonly names: RegExp;
  /** What shows drift. Default: the property `drift`, which a refresh does not have for an entry that it removes or changes in the state. */
  readonly shows?: "message";
  /** Whether an update restores the access. */
  readonly isRestored?: true;
}

const dev = roleOf("dev");
const ann = `arn:aws:iam::${account}:user/ann`;
const byEdit = String.raw` \(last written by \\?"kubectl-edit\\?", \d{4}-\d\d-\d\d \d\d:\d\d UTC\)`;
const removed = `was removed from the cluster${byEdit}; pulumi up restores it`;
const entryOf = (field: string, arn: string, group: string) =>
  `- ${field}: ${arn}\n  username: dev\n  groups: [${group}]\n`;
/** Adds an entry to a list of the map, like eksctl. */
const append = (key: string, field: string, arn: string, group: string) => async (world: AccessEntryCluster) => {
  const { [key]: text = "" } = await world.map.data();
  await world.map.patch({ [key]: text.replace("[]\n", "") + entryOf(field, arn, group) });
};

const rows: readonly Row[] = [
  {
    drift: "an entry with other content is appended",
    by: append("mapRoles", "rolearn", dev, "ops"),
    preview: "drift",
    names: new RegExp(`is overridden by mapRoles entry 2.*${byEdit}`),
    isRestored: true,
  },
  {
    drift: "the role of an access entry is created again",
    mode: "API",
    by: ({ aws }) => {
      aws.principals.delete(dev);
      aws.principals.create(dev);
    },
    preview: "drift",
    names: /grants no access/,
    isRestored: true,
  },
  {
    drift: "an entry with other content and in other letter case is appended",
    by: append("mapRoles", "rolearn", dev.replace("role/dev", "role/DEV"), "ops"),
    preview: "drift",
    names: new RegExp(`is overridden by mapRoles entry 2.*${byEdit}`),
    isRestored: true,
  },
  {
    drift: "an entry with the same content is appended",
    by: append("mapRoles", "rolearn", dev, "viewers"),
    preview: "warning",
    names: /has 2 entries/,
  },
  {
    drift: "another spelling of a user is appended",
    arn: ann,
    by: append("mapUsers", "userarn", ann.replace("ann", "Ann"), "ops"),
    preview: "refused",
    refresh: "drift",
    names: /has 2 entries/,
  },
  {
    drift: "an entry is added to a list that precedes ours",
    arn: ann,
    by: append("mapRoles", "rolearn", ann, "ops"),
    preview: "refused",
    refresh: "drift",
    names: /has 2 entries/,
  },
  {
    drift: "an access entry with other content is created for a mapping in aws-auth",
    by: ({ aws }) => aws.addServiceEntry("prod", dev, { type: "STANDARD", username: "dev", groups: ["ops"] }),
    preview: "refused",
    refresh: "drift",
    names: /an access entry takes precedence/,
  },
  {
    drift: "the entry is removed, and its claim stays",
    by: ({ map }) => map.patch({ mapRoles: "[]\n" }),
    preview: "drift",
    names: new RegExp(`warning: drift of .* entry: ${removed}`),
    shows: "message",
    isRestored: true,
  },
  {
    drift: "the entry is edited",
    by: ({ map }) => map.patch({ mapRoles: entryOf("rolearn", dev, "ops") }),
    preview: "drift",
    names: new RegExp(`warning: drift of .* groups: the cluster has "ops"${byEdit}; pulumi up restores "viewers"`),
    shows: "message",
    isRestored: true,
  },
  {
    drift: "an access policy is associated with the access entry",
    mode: "API",
    by: ({ aws }) => {
      const { tags, ...entry } = aws.entry("prod", dev) ?? { tags: {} };
      aws.cluster("prod").entries.clear();
      const content = { type: "STANDARD", username: "dev", groups: ["viewers"], tags };
      aws.addServiceEntry("prod", dev, { ...entry, ...content, policies: ["AmazonEKSViewPolicy"] });
    },
    preview: "warning",
    names: /AmazonEKSViewPolicy/,
  },
  {
    drift: "the role of an access entry is deleted",
    mode: "API",
    by: ({ aws }) => aws.principals.delete(dev),
    preview: "warning",
    names: /IAM has no role/,
  },
];

describe.each(sample(variants))("drift on an EKS cluster, through the $name", (variant) => {
  let world: AccessEntryCluster;

  beforeAll(async () => {
    world = await startEntryCluster();
  });
  afterAll(() => world?.stop());

  it.each(sample(rows, 2).map((row, index) => ({ ...row, index })))(
    "shows in a preview, with a refresh, and in a refresh alone: $drift",
    async ({ index, arn = dev, mode = "CONFIG_MAP", by, preview, refresh = preview, names, shows, isRestored }) => {
      const { aws, clock, map } = world;
      await map.reset({ mapRoles: "[]\n" });
      aws.cluster("prod").entries.clear();
      if (aws.principals.find(arn) === undefined) {
        aws.principals.create(arn);
      }
      clock.ahead += 60_000;
      const mappings = withoutOptions({ dev: { arn, username: "dev", groups: ["viewers"] } });
      const project = await world.add(`drift${index}`, variant.program(mappings), variant);
      await world.inMode(project, mode);
      expect(await project.up()).toMatchObject({ code: 0 });
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
      clock.ahead += 60_000;
      await by(world);
      const commands = [
        [preview, await project.preview("--expect-no-changes")],
        [preview, await project.preview("--expect-no-changes", "--refresh")],
        [refresh, await project.pulumi("refresh", "--diff", "--preview-only", "--expect-no-changes")],
      ] as const;
      for (const [result, { code, output }] of commands) {
        const isProperty = result === "drift" && shows === undefined;
        expect(output).toMatch(isProperty ? new RegExp(`\\+ entry: ".*${names.source}`) : names);
        expect(code === 0).toBe(result === "warning");
        expect(output.includes("no changes were expected")).toBe(result === "drift");
      }
      if (isRestored) {
        expect(await project.refresh()).toMatchObject({ code: 0 });
        expect(await project.up()).toMatchObject({ code: 0 });
        await expect.poll(() => world.loginOf("dev")).toMatchObject({ username: "dev", groups: ["viewers"] });
        expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
        expect(await project.refresh("--expect-no-changes")).toMatchObject({ code: 0 });
      }
    },
  );
});
