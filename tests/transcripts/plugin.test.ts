import { destroy, entry, nodes, preview, refresh, role, up } from "../support/transcripts/declarations.ts";
import { pagesIn } from "../support/transcripts/page.ts";

const { transcript } = pagesIn("plugin", { together: true });

transcript("yaml", "The lifecycle of a YAML program with the resource plugin", async (page) => {
  const project = await page.onManifest(nodes, { language: "yaml" });
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
  await page.pulumi(project, "preview", preview, up, "preview --expect-no-changes");
  await page.byHand(project, "The groups are changed outside Pulumi.", "- viewers", "- auditors");
  await page.pulumi(project, preview, refresh, up);
  await page.program(project, yaml("viewers, editors"));
  await page.pulumi(project, "preview", up);
  const replaced = yaml("viewers").replace(role("dev"), role("developers"));
  await page.program(project, replaced);
  await page.pulumi(project, preview, up);
  await page.byHand(project, "They are changed once more, and the mapping is removed.", "- viewers", "- auditors");
  await page.program(project, replaced.replace(/^ {2}dev:.*/ms, ""));
  await page.pulumi(project, up, destroy);
});

transcript("yaml-import", "pulumi import of an entry, for a YAML program", async (page) => {
  const mapRoles =
    nodes +
    entry("twice", "ci", "viewers") +
    entry("twice", "ci", "deployers") +
    entry("eng/path", "ci", "deployers") +
    entry("ci", "ci", "deployers");
  const project = await page.onManifest(mapRoles, { language: "yaml" });
  await project.program("resources: {}\n");
  const imports = (id: string) => `import aws-auth:index:IdentityMapping ci ${id} --yes --skip-preview`;
  const ids = [role("none"), "nonsense", role("twice"), role("path"), role("ci")];
  await page.pulumi(project, ...ids.map(imports));
  page.say("An entry for nodes, which a new mapping must adopt:");
  await page.pulumi(project, imports(role("nodes")).replace(" ci ", " nodes "));
});

transcript("yaml-secrets", "A secret is refused, in a YAML program", async (page) => {
  const project = await page.onManifest(nodes, { language: "yaml" });
  const secrets = `resources:
  dev:
    type: aws-auth:IdentityMapping
    properties:
      arn:
        fn::secret: ${role("dev")}
      username:
        fn::secret: hush
      groups:
        - viewers
        - fn::secret: hush-group
`;
  await page.program(project, secrets);
  await page.pulumi(project, "preview", up);
});
