import { describe } from "vitest";
import { seasonedMapRoles } from "../support/engine/manifest.ts";
import {
  byHand,
  destroy,
  entry,
  mapping,
  nodes,
  preview,
  refresh,
  role,
  roleMapping,
  runs,
  up,
} from "../support/transcripts/declarations.ts";
import { transcripts } from "../support/transcripts/page.ts";

const admin = roleMapping("admin", ["system:masters"]);
const dev = (groups: readonly string[] = ["viewers"], more = "", name = "dev") =>
  roleMapping("dev", groups, "admin", more).replace(role("dev"), role(name));

describe("a program", () => {
  transcripts(
    "program",
    [
      {
        name: "first",
        title: "A first preview, an update, and no change",
        play: async (page) => {
          const project = await page.onManifest({ mapRoles: nodes });
          await page.program(project, admin + dev());
          await runs(page, project, "preview", preview, "up --yes");
          await runs(page, project, "preview --expect-no-changes", refresh, destroy);
        },
      },
      {
        name: "drift",
        title: "An entry is changed outside Pulumi, and then removed",
        play: async (page) => {
          const project = await page.onManifest({ mapRoles: nodes });
          await page.program(project, admin + dev());
          await runs(page, project, up);
          await byHand(page, project, "The developers become administrators by hand.", "- viewers", "- system:masters");
          await runs(page, project, "preview", preview);
          page.say("A refresh takes it into the state, and the next update still corrects it.");
          await runs(page, project, refresh, up);
          const lines = entry("dev", "dev", "viewers").replace(/^(?=.)/gm, "    ");
          await byHand(page, project, "The entry is removed outside Pulumi.", lines, "");
          await runs(page, project, "preview", preview, up);
        },
      },
      {
        name: "duplicate-in-the-map",
        title: "The map has the identity already, with other content",
        play: async (page) => {
          const project = await page.onManifest({ mapRoles: nodes + entry("dev", "developer", "developers") });
          await page.program(project, admin + dev(undefined, "", "eng/DEV"));
          await runs(page, project, preview, up);
          page.say("A second entry would have no effect or hide the first.");
          await page.program(project, admin + dev(undefined, "\nnoDuplicateARNs: false,"));
          await runs(page, project, "preview");
          await byHand(
            page,
            project,
            "A second entry is added outside Pulumi.",
            nodes.replace(/^(?=.)/gm, "    "),
            (nodes + entry("dev", "dev", "viewers")).replace(/^(?=.)/gm, "    "),
          );
          await page.program(project, admin + dev());
          await runs(page, project, "preview");
          page.say("`adopt` leaves one of them.");
          await page.program(project, admin + dev(undefined, "\nadopt: true,"));
          await runs(page, project, "preview", up, destroy);
        },
      },
      {
        name: "duplicate-in-the-program",
        title: "Two resources of a program map one identity",
        play: async (page) => {
          const project = await page.onManifest({ mapRoles: nodes });
          const second = mapping("second", `arn: "${role("eng/Admin")}",\nusername: "second",`, "admin");
          await page.program(project, admin + second);
          await runs(page, project, "preview");
          const account = (name: string, after?: string) => mapping(name, 'account: "012345678901",', after);
          await page.program(project, account("first") + account("second", "first"));
          await runs(page, project, "preview");
        },
      },
      {
        name: "adopt",
        title: "A mapping adopts an entry that is there",
        play: async (page) => {
          const project = await page.onManifest({
            mapRoles: entry("eng/ci", "old", "x") + seasonedMapRoles,
          });
          const ci = mapping(
            "ci",
            `arn: "${role("ci")}",\nusername: "deployer",\ngroups: ["deployers"],\nadopt: true,`,
          );
          const same = `arn: "${role("terraform-admin")}",\nusername: "terraform-admin",\ngroups: ["system:masters"],`;
          await page.program(project, ci + mapping("same", same, "ci"));
          await runs(page, project, "preview", preview, up, "preview --expect-no-changes", destroy);
        },
      },
      {
        name: "refused-delete",
        title: "A delete refuses an entry that was changed outside Pulumi",
        isNightly: true,
        play: async (page) => {
          const project = await page.onManifest({ mapRoles: nodes });
          await page.program(project, admin + dev());
          await runs(page, project, up);
          await byHand(page, project, "The groups are changed outside Pulumi.", "- viewers", "- auditors");
          page.say("The mapping is taken out of the program.");
          await page.program(project, admin);
          await runs(page, project, preview, up, refresh, destroy);
        },
      },
      {
        name: "rename",
        title: "A resource is renamed, with an alias and without",
        isNightly: true,
        play: async (page) => {
          const project = await page.onManifest({ mapRoles: nodes });
          const named = (name: string, options = "") =>
            mapping(name, `arn: "${role("dev")}",\nusername: "dev",\ngroups: ["viewers"],`).replace(
              "});",
              `}${options});`,
            );
          await page.program(project, named("dev"));
          await runs(page, project, up);
          await page.program(project, named("developers", ', { aliases: [{ name: "dev" }] }'));
          await runs(page, project, "preview", up);
          page.say("Without an alias, the engine makes a new one before it deletes the old one.");
          await page.program(project, named("people"));
          await runs(page, project, "preview", up);
        },
      },
      {
        name: "replace",
        title: "Another ARN replaces the mapping, and another username updates it",
        isNightly: true,
        play: async (page) => {
          const project = await page.onManifest({ mapRoles: nodes });
          await page.program(project, admin + dev());
          await runs(page, project, up);
          await page.program(project, admin + dev(["viewers", "editors"]));
          await runs(page, project, preview, up);
          await page.program(project, admin + dev(undefined, "", "developers"));
          await runs(page, project, "preview", preview, up);
        },
      },
      {
        name: "bad-input",
        title: "Every fault of a mapping is reported on its property, and a map that cannot be read is not written",
        play: async (page) => {
          const project = await page.onManifest({ mapRoles: nodes });
          const faults = `arn: "arn:aws:iam::111122223333:group/dev",\nusername: 7,\ngroups: ["viewers", ""],\nadopts: true,`;
          await page.program(project, mapping("dev", faults));
          await runs(page, project, "preview");
          await byHand(page, project, "The map breaks.", "username: ", " username: ");
          await page.program(project, admin);
          await runs(page, project, preview, up);
        },
      },
      {
        name: "cluster-config",
        title: "The mappings of an eksctl file",
        play: async (page) => {
          const project = await page.onManifest({ mapRoles: nodes });
          const config = (...items: readonly string[]) => `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata:
  name: prod
  region: eu-central-1
iamIdentityMappings:
${items.join("")}`;
          const item = (name: string, groups: string) =>
            `  - arn: ${role(name)}\n    username: ${name}\n    groups: [${groups}]\n`;
          const account = '  - account: "012345678901"\n';
          await page.write(project, "cluster.yaml", config(item("admin", "system:masters"), account));
          const team = (more = "") => `new awsAuth.IdentityMappings("team", { file: "cluster.yaml"${more} });\n`;
          const ordered = "--parallel 1";
          await page.program(project, team());
          await runs(page, project, `preview ${ordered}`);
          page.say("The file names an EKS cluster, and the stack a manifest.");
          await page.program(project, team(', cluster: { manifest: "aws-auth.yaml" }'));
          await runs(page, project, `preview ${ordered}`, `${up} ${ordered}`);
          await page.write(
            project,
            "cluster.yaml",
            config(item("admin", "system:masters"), item("dev", "viewers"), account),
          );
          await runs(page, project, `${preview} ${ordered}`, `${up} ${ordered}`);
          await page.write(project, "cluster.yaml", config(item("admin", '"system:masters", 7'), "  - arns: x\n"));
          await runs(page, project, "preview");
        },
      },
      {
        name: "secrets",
        title: "A secret is refused",
        play: async (page) => {
          const project = await page.onManifest({ mapRoles: nodes });
          await page.program(
            project,
            mapping(
              "dev",
              `arn: pulumi.secret("${role("dev")}"),\nusername: pulumi.secret("hush"),\ngroups: ["viewers", pulumi.secret("hush-group")],`,
            ),
          );
          await runs(page, project, "preview");
        },
      },
      {
        name: "functions",
        title: "A program asks for the mappings",
        isNightly: true,
        play: async (page) => {
          const project = await page.onManifest({ mapRoles: nodes + entry("dev", "dev", "viewers") });
          await page.program(
            project,
            `${admin}exports.all = awsAuth.getIdentityMappings();
exports.dev = awsAuth.getIdentityMappings({ arn: "${role("eng/DEV")}" });
exports.later = awsAuth.getIdentityMappingsOutput({ arn: admin.id.apply(() => "${role("admin")}") });
`,
          );
          await runs(page, project, "preview", up, "stack output --json");
        },
      },
      {
        name: "import",
        title: "A program takes over a whole map",
        isNightly: true,
        play: async (page) => {
          const project = await page.onManifest({ mapRoles: nodes + entry("ci", "ci", "deployers") });
          const { directory } = project;
          const printed = await page.cli("import --manifest aws-auth.yaml", { cwd: directory });
          page.say("That, as a program:");
          await project.program(printed.replace(/^import .*\n/gm, "").replace(/^export /gm, "exports."));
          await runs(page, project, "preview --parallel 1", `${up} --parallel 1`, "preview --expect-no-changes");
        },
      },
    ],
    { together: true },
  );
});
