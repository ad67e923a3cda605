import { describe } from "vitest";
import {
  byHand,
  destroy,
  entry,
  nodes,
  preview,
  refresh,
  role,
  runs,
  up,
} from "../support/transcripts/declarations.ts";
import { transcripts } from "../support/transcripts/page.ts";

describe("a YAML program", () => {
  transcripts(
    "plugin",
    [
      {
        name: "yaml",
        title: "The life of a YAML program, through the resource plugin",
        play: async (page) => {
          const project = await page.onManifest({ mapRoles: nodes }, { language: "yaml" });
          const yaml = (groups: string, name = "dev") => `resources:
  admin:
    type: aws-auth:IdentityMapping
    properties:
      arn: ${role("admin")}
      username: admin
      groups: [system:masters]
  ${name}:
    type: aws-auth:IdentityMapping
    properties:
      arn: ${role("dev")}
      username: dev
      groups: [${groups}]
    options:
      dependsOn:
        - \${admin}
`;
          await page.program(project, yaml("viewers"));
          await runs(page, project, "preview", preview, up, "preview --expect-no-changes");
          await byHand(page, project, "The groups are changed outside Pulumi.", "- viewers", "- auditors");
          await runs(page, project, preview, refresh, up);
          await page.program(project, yaml("viewers, editors"));
          await runs(page, project, "preview", up);
          await page.program(project, yaml("viewers").replace(role("dev"), role("developers")));
          await runs(page, project, preview, up);
          await runs(page, project, destroy);
        },
      },
      {
        name: "yaml-import",
        title: "pulumi import of an entry, for a YAML program",
        play: async (page) => {
          const mapRoles =
            nodes +
            entry("twice", "ci", "viewers") +
            entry("twice", "ci", "deployers") +
            entry("ci", "ci", "deployers");
          const project = await page.onManifest({ mapRoles }, { language: "yaml" });
          await project.program("resources: {}\n");
          const imports = (id: string) => `import aws-auth:index:IdentityMapping ci ${id} --yes --skip-preview`;
          await runs(
            page,
            project,
            imports(role("none")),
            imports("nonsense"),
            imports(role("twice")),
            imports(role("ci")),
          );
        },
      },
    ],
    { together: true },
  );
});
