import { historicData } from "../support/cli/historicMap.ts";
import { seasonedMapRoles } from "../support/engine/manifest.ts";
import {
  destroy,
  entry,
  mapping,
  nodes,
  preview,
  refresh,
  role,
  roleMapping,
  up,
} from "../support/transcripts/declarations.ts";
import { pagesIn } from "../support/transcripts/page.ts";

const { transcript, nightlyTranscript } = pagesIn("program", { together: true });

const admin = roleMapping("admin", ["system:masters"]);
const dev = (groups: readonly string[] = ["viewers"], more = "", name = "dev") =>
  roleMapping("dev", groups, "admin", more).replace(role("dev"), role(name));

/** Indents the lines of a key as in a manifest. */
const inManifest = (text: string) => text.replace(/^(?=.)/gm, "    ");

transcript("first", "A first preview, an update, and no change", async (page) => {
  const project = await page.onManifest();
  await page.program(project, admin + dev());
  await page.pulumi(project, "preview", preview, "up --yes");
  await page.pulumi(project, "preview --expect-no-changes", refresh, destroy);
});

transcript(
  "drift",
  "An entry is changed outside Pulumi, then removed, and then overridden by another one",
  async (page) => {
    const project = await page.onManifest();
    await page.program(project, admin + dev());
    await page.pulumi(project, up);
    await page.byHand(project, "The developers become administrators by hand.", "- viewers", "- system:masters");
    await page.pulumi(project, "preview", preview);
    page.say("A refresh stores the change in the state, and the next update still restores the entry.");
    await page.pulumi(project, refresh, up);
    const lines = inManifest(entry("dev", "dev", "viewers"));
    await page.byHand(project, "The entry is removed outside Pulumi.", lines, "");
    await page.pulumi(project, "preview", preview, up);
    const second = inManifest(entry("dev", "dev", "system:masters"));
    await page.byHand(project, "eksctl adds a second entry for the role, which takes effect.", lines, lines + second);
    await page.pulumi(project, "preview --expect-no-changes", up, "preview --expect-no-changes");
  },
);

transcript(
  "duplicate-in-the-map",
  "The map already has an entry for the identity, with other content",
  async (page) => {
    const project = await page.onManifest(nodes + entry("dev", "developer", "developers"));
    await page.program(project, admin + dev(undefined, "", "eng/DEV"));
    await page.pulumi(project, preview, up);
    page.say("A second entry would have no effect or hide the first.");
    await page.program(project, admin + dev(undefined, "\nnoDuplicateARNs: false,"));
    await page.pulumi(project, "preview");
    const more = inManifest(nodes + entry("dev", "dev", "viewers"));
    await page.byHand(project, "A second entry is added outside Pulumi.", inManifest(nodes), more);
    await page.program(project, admin + dev());
    await page.pulumi(project, "preview");
    page.say("`adopt: true` keeps one of them.");
    await page.program(project, admin + dev(undefined, "\nadopt: true,"));
    await page.pulumi(project, "preview", up, destroy);
  },
);

transcript("duplicate-in-the-program", "Two resources of a program map one identity", async (page) => {
  const project = await page.onManifest();
  const second = mapping("second", `arn: "${role("eng/Admin")}",\nusername: "second",`, "admin");
  await page.program(project, admin + second);
  await page.pulumi(project, "preview");
  const account = (name: string, after?: string) => mapping(name, 'account: "012345678901",', after);
  await page.program(project, account("first") + account("second", "first"));
  await page.pulumi(project, "preview");
});

transcript("adopt", "A mapping adopts an existing entry", async (page) => {
  const project = await page.onManifest(entry("eng/ci", "old", "x") + seasonedMapRoles);
  const ci = mapping("ci", `arn: "${role("ci")}",\nusername: "deployer",\ngroups: ["deployers"],\nadopt: true,`);
  const same = `arn: "${role("terraform-admin")}",\nusername: "terraform-admin",\ngroups: ["system:masters"],`;
  await page.program(project, ci + mapping("same", same, "ci"));
  await page.pulumi(project, "preview", preview, up, "preview --expect-no-changes", destroy);
});

nightlyTranscript("refused-delete", "A delete refuses an entry that was changed outside Pulumi", async (page) => {
  const project = await page.onManifest();
  await page.program(project, admin + dev());
  await page.pulumi(project, up);
  await page.byHand(project, "The groups are changed outside Pulumi.", "- viewers", "- auditors");
  page.say("The mapping is removed from the program.");
  await page.program(project, admin);
  await page.pulumi(project, preview, up, refresh, destroy);
});

nightlyTranscript("rename", "A resource is renamed, with an alias and without", async (page) => {
  const project = await page.onManifest();
  const named = (name: string, alias?: string, group = "viewers") =>
    mapping(name, `arn: "${role("dev")}",\nusername: "dev",\ngroups: ["${group}"],`).replace(
      "});",
      alias === undefined ? "});" : `}, { aliases: [{ name: "${alias}" }] });`,
    );
  await page.program(project, named("dev"));
  await page.pulumi(project, up);
  await page.program(project, named("developers", "dev"));
  await page.pulumi(project, "preview", up);
  page.say("Without an alias, the engine creates the new resource before it deletes the old one.");
  await page.program(project, named("people"));
  await page.pulumi(project, "preview", up);
  page.say("With other groups at the same time:");
  await page.program(project, named("team", "people", "system:masters"));
  await page.pulumi(project, "preview");
  await page.program(project, named("team", undefined, "system:masters"));
  await page.pulumi(project, "preview");
});

nightlyTranscript("replace", "A new ARN replaces the mapping, and a new username updates it", async (page) => {
  const project = await page.onManifest();
  await page.program(project, admin + dev());
  await page.pulumi(project, up);
  await page.program(project, admin + dev(["viewers", "editors"]));
  await page.pulumi(project, preview, up);
  await page.program(project, admin + dev(undefined, "", "developers"));
  await page.pulumi(project, "preview", preview, up);
  page.say("`--replace` keeps the entry, and is refused with other content.");
  const replacing = `${up} --replace urn:pulumi:test::access::pulumi-nodejs:dynamic/aws-auth:IdentityMapping::dev`;
  await page.pulumi(project, replacing, "preview --expect-no-changes");
  await page.program(project, admin + dev(["editors"], "", "developers"));
  await page.pulumi(project, replacing, up);
});

transcript(
  "bad-input",
  "Every problem of a mapping is reported on its property, and a map that cannot be read is not written",
  async (page) => {
    const project = await page.onManifest();
    const faults = `arn: "arn:aws:iam::111122223333:group/dev",\nusername: 7,\ngroups: ["viewers", ""],\nadopts: true,`;
    await page.program(project, mapping("dev", faults));
    await page.pulumi(project, "preview");
    await page.program(project, mapping("dev", 'account: "012345678901",\ncluster: { manifst: "aws-auth.yaml" },'));
    await page.pulumi(project, "preview");
    await page.byHand(project, "The map breaks.", "username: ", " username: ");
    await page.program(project, admin);
    await page.pulumi(project, preview, up);
    await page.settings(project, {});
    await page.pulumi(project, "preview");
  },
);

transcript("cluster-config", "The mappings of an eksctl file", async (page) => {
  const project = await page.onManifest(nodes + entry("ci", "ci", "deployers"));
  const write = (...items: readonly string[]) =>
    page.write(
      project.directory,
      "cluster.yaml",
      `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata:
  name: prod
  region: eu-central-1
iamIdentityMappings:
${items.join("")}`,
    );
  const item = (name: string, groups: string) =>
    `  - arn: ${role(name)}\n    username: ${name}\n    groups: [${groups}]\n`;
  const [masters, ci, account] = [
    item("admin", "system:masters"),
    item("ci", "deployers"),
    '  - account: "012345678901"\n',
  ];
  await write(masters, ci, account);
  const team = (more = "") => `new awsAuth.IdentityMappings("team", { file: "cluster.yaml"${more} });\n`;
  const [ordered, orderedUp] = ["preview --parallel 1", `${up} --parallel 1`];
  await page.program(project, team());
  await page.pulumi(project, ordered);
  page.say("The file specifies an EKS cluster, and the stack a manifest.");
  await page.program(project, team(', cluster: { manifest: "aws-auth.yaml" }'));
  await page.pulumi(project, ordered, orderedUp);
  page.say("A new item in the middle:");
  await write(masters, item("dev", "viewers"), ci, account);
  await page.pulumi(project, `${preview} --parallel 1`, orderedUp);
  page.say("In another order, with one item changed and one removed:");
  await write(account, item("dev", "editors"), masters);
  await page.pulumi(project, orderedUp);
  page.say("An item whose role is mapped with other content, and invalid items:");
  await write(item("nodes", "viewers"));
  await page.pulumi(project, ordered);
  await write(item("admin", '"system:masters", 7'), "  - arns: x\n");
  await page.pulumi(project, "preview");
});

transcript("secrets", "A secret is refused", async (page) => {
  const project = await page.onManifest();
  const secrets = `arn: pulumi.secret("${role("dev")}"),\nusername: pulumi.secret("hush"),\ngroups: ["viewers", pulumi.secret("hush-group")],`;
  await page.program(project, mapping("dev", secrets));
  await page.pulumi(project, "preview", up);
});

nightlyTranscript("functions", "A program reads the mappings", async (page) => {
  const sso = '- sso: { permissionSetName: DataEngineer, accountID: "111122223333" }\n  username: data\n';
  const project = await page.onManifest(entry("dev", "hidden", "x") + sso + entry("dev", "dev", "viewers"));
  const program = `${admin}exports.all = awsAuth.getIdentityMappings();
exports.dev = awsAuth.getIdentityMappings({ arn: "${role("eng/DEV")}" });
exports.none = awsAuth.getIdentityMappings({ arn: "${role("nobody")}" });
exports.later = awsAuth.getIdentityMappingsOutput({ arn: admin.id.apply(() => "${role("admin")}") });
const manifest = admin.id.apply(() => "aws-auth.yaml");
exports.count = awsAuth.getIdentityMappingsOutput({ cluster: { manifest } }).apply((found) => found.length);
`;
  await page.program(project, program);
  await page.pulumi(project, "preview", up, "stack output --json");
  await page.byHand(project, "The map breaks.", "username: ", " username: ");
  await page.program(project, "exports.found = awsAuth.getIdentityMappings();\n");
  await page.pulumi(project, "preview");
});

nightlyTranscript("import", "A program takes over a map with ten years of history", async (page) => {
  const project = await page.onManifest(historicData.mapRoles);
  const { directory } = project;
  const printed = await page.cli("import --manifest aws-auth.yaml", { cwd: directory });
  page.say("The printed program:");
  await project.program(printed.replace(/^import .*\n/gm, "").replace(/^export /gm, "exports."));
  await page.pulumi(project, "preview --parallel 1", `${up} --parallel 1`, "preview --expect-no-changes");
  await page.pulumi(project, refresh, `${destroy} --parallel 1`);
});
