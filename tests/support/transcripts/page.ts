import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "vitest";
import { stringify } from "yaml";
import { type CliOptions, runCli } from "../cli/runCli.ts";
import type { AccessEntry } from "../eks/state.ts";
import { manifestOf } from "../engine/manifest.ts";
import { type ProjectOptions, repository, TestProject } from "../engine/testProject.ts";
import { isNightly } from "../nightly.ts";
import { nodes } from "./declarations.ts";
import { steady } from "./steady.ts";

/** A value that runs may change; the page shows it after each change. */
interface Watched {
  readonly title: string;
  readonly read: () => Promise<string>;
  shown: string;
}

type Texts = Readonly<Record<string, string>>;
type Play = (page: Page) => Promise<void>;

/** The name of the only project of a page. */
export const defaultProject = "access";

const recorded = join(repository, "tests", "transcripts", "recorded");

const outdated =
  "the output differs from the page; if that is intended, record it: docs/internals/testing.md#transcripts";

/**
 * The transcripts of a suite. Each runs its commands and compares the page with the one in `tests/transcripts/recorded/DIRECTORY`, which
 * `--update` overwrites. A page without a transcript fails the suite.
 *
 * @param options `together`: whether they run concurrently, since they share nothing
 */
export function pagesIn(directory: string, { together = false } = {}) {
  const known: string[] = [];
  const transcript = (name: string, title: string, play: Play, isPlayed = true): void => {
    known.push(`${name}.md`);
    it.runIf(isPlayed)(title, { concurrent: together }, async ({ expect }) => {
      const page = new Page(title);
      await play(page).finally(() => page.close());
      await expect(page.text, outdated).toMatchFileSnapshot(join(recorded, directory, `${name}.md`));
      for (const [file, text] of page.files) {
        await expect(text, outdated).toMatchFileSnapshot(join(recorded, directory, file));
      }
    });
  };
  it("has no recorded page without a transcript", async ({ expect }) => {
    const pages = (await readdir(join(recorded, directory)).catch(() => [])).filter((file) => file.endsWith(".md"));
    expect(pages.filter((page) => !known.includes(page))).toEqual([]);
  });
  /** Runs only nightly. */
  const nightlyTranscript = (name: string, title: string, play: Play) => transcript(name, title, play, isNightly);
  return { transcript, nightlyTranscript };
}

/** A page during its recording. */
export class Page {
  /** Outputs that are stored as separate files because they are not readable in a page. */
  readonly files = new Map<string, string>();
  readonly #parts: string[];
  readonly #watched: Watched[] = [];
  readonly #cleanUps: (() => Promise<void>)[] = [];
  readonly #own: (readonly [from: string, to: string])[] = [];

  constructor(title: string) {
    this.#parts = [`# ${title}`];
  }

  /** The page as Markdown. */
  get text(): string {
    return `${this.#parts.join("\n\n")}\n`;
  }

  /** Adds a paragraph. */
  say(text: string): void {
    this.#parts.push(text);
  }

  /** Creates a project on a manifest, which the page shows; its program may be in another language. */
  async onManifest(mapRoles = nodes, options: ProjectOptions = {}): Promise<TestProject> {
    const project = this.own(await TestProject.create({ name: defaultProject, ...options }));
    await this.settings(project, { "aws-auth:manifest": "aws-auth.yaml" });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles }));
    await this.watch("`aws-auth.yaml`", () => project.read("aws-auth.yaml"));
    return project;
  }

  /** Registers a project, which is removed with the page. */
  own(project: TestProject): TestProject {
    this.#cleanUps.push(() => project.remove());
    this.#own.push([project.directory, "~/project"]);
    return project;
  }

  /** Shows a value as YAML now, and after each run that changes it. */
  async watch(title: string, read: () => Promise<string>): Promise<void> {
    const watched = { title, read, shown: await this.#readSteady(read) };
    this.#watched.push(watched);
    this.#show(`${title}:`, "yaml", watched.shown);
  }

  /** Replaces the program, and shows it without the lines that import the packages. */
  async program(project: TestProject, text: string): Promise<void> {
    await project.program(text);
    this.#show(`The program${of(project)}:`, text.startsWith("resources:") ? "yaml" : "js", text);
  }

  /** Replaces the stack configuration. */
  async settings(project: TestProject, settings: Texts): Promise<void> {
    await project.configure(settings);
    const lines = Object.entries(settings).map(([key, value]) => `${key}: ${value}\n`);
    this.#show(`The settings of the stack${of(project)}:`, "yaml", lines.join(""));
  }

  /** Writes a file, and shows it. */
  async write(directory: string, name: string, text: string): Promise<void> {
    await writeFile(join(directory, name), text);
    // The language is the file name extension.
    this.#show(`\`${name}\`:`, name.replace(/.*\./, ""), text);
  }

  /** A user or another tool changes a watched value. */
  async change(text: string, change: () => Promise<void>): Promise<void> {
    await change();
    await this.#sayWithChanges(text);
  }

  /** Edits the manifest of a project manually. */
  async byHand(project: TestProject, text: string, from: string | RegExp, to: string): Promise<void> {
    const before = await project.read("aws-auth.yaml");
    const after = before.replace(from, to);
    if (after === before) {
      throw new Error(`nothing to change:\n${before}`);
    }
    await this.change(text, () => project.write("aws-auth.yaml", after));
  }

  /** Runs Pulumi's CLI: `pulumi COMMAND`. */
  async pulumi(project: TestProject, ...commands: readonly string[]): Promise<void> {
    for (const command of commands) {
      const [name = "", ...args] = words(command);
      const { code, output } = await project.pulumi(name, ...args, ...quiet(name));
      const where = project.name === defaultProject ? "" : `${project.name} `;
      await this.#ran(`${where}$ pulumi ${command}`, output.replace(/ +$/gm, ""), code);
    }
  }

  /**
   * Runs this package's command line.
   *
   * @param file the file for its output, if that is not readable in a page
   */
  async cli(command: string, options: CliOptions, file?: string): Promise<string> {
    const { code, stdout, stderr } = await runCli(words(command), options);
    if (file === undefined) {
      await this.#ran(`$ pulumi-aws-auth ${command}`, `${stdout}${stderr}`, code);
    } else {
      this.files.set(file, this.#steady(stdout));
      await this.#ran(`$ pulumi-aws-auth ${command} > ${file}`, stderr, code);
    }
    return stdout;
  }

  /** Creates a directory with files, which the page shows. */
  async directory(files: Texts): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "aws-auth-page-"));
    this.#cleanUps.push(() => rm(directory, { recursive: true, force: true }));
    this.#own.push([directory, "~/directory"]);
    for (const [name, text] of Object.entries(files)) {
      await this.write(directory, name, text);
    }
    return directory;
  }

  /** Removes the projects and directories of the page. */
  async close(): Promise<void> {
    await Promise.all(this.#cleanUps.map((cleanUp) => cleanUp()));
  }

  async #ran(command: string, output: string, code: number | null): Promise<void> {
    this.#parts.push(fenced("console", `${command}\n${this.#steady(output)}`));
    await this.#sayWithChanges(`Exit code ${code}.`);
  }

  /** Adds a paragraph, and each watched value that has changed since the last one, with its title. */
  async #sayWithChanges(text: string): Promise<void> {
    this.say(text);
    for (const watched of this.#watched) {
      const now = await this.#readSteady(watched.read);
      if (now !== watched.shown) {
        watched.shown = now;
        this.#show(`${watched.title} now:`, "yaml", now);
      }
    }
  }

  #show(title: string, language: string, text: string): void {
    this.#parts.push(title, fenced(language, this.#steady(text)));
  }

  async #readSteady(read: () => Promise<string>): Promise<string> {
    // Claims on one entry are ordered by their random IDs.
    return this.#steady(await read()).replace(/(?:^ *\d{12}:\S+ \S+ <id>.*\n)+/gm, (lines) =>
      lines
        .split(/(?<=\n)/)
        .toSorted()
        .join(""),
    );
  }

  #steady(text: string): string {
    return steady(text, this.#own);
  }
}

/** Access entries in short form. */
export function shownEntries(entries: readonly AccessEntry[]): string {
  const shown = entries.map(({ principalArn, type, username, kubernetesGroups: groups, policies, tags }) => ({
    principalArn,
    type,
    username,
    groups,
    policies: policies.map(({ policyArn, accessScope: { namespaces } }) =>
      [policyArn.replace(/.*\//, ""), ...namespaces].join(" "),
    ),
    tags,
  }));
  return stringify(shown.toSorted((a, b) => a.principalArn.localeCompare(b.principalArn)));
}

/** Engine options that suppress repeated progress output. */
function quiet(command: string): readonly string[] {
  return ["preview", "up", "refresh", "destroy"].includes(command) ? ["--suppress-progress"] : [];
}

/** The words of a command; quotes group words. */
function words(command: string): readonly string[] {
  return Array.from(command.matchAll(/'([^']*)'|\S+/g), ([word, quoted]) => quoted ?? word);
}

/** The project's name, if a page has several. */
function of({ name }: TestProject): string {
  return name === defaultProject ? "" : ` of \`${name}\``;
}

/** A code block, with a fence that is longer than any inside it. */
function fenced(language: string, text: string): string {
  const fence = text.includes("```") ? "````" : "```";
  return `${fence}${language}\n${text.endsWith("\n") || text === "" ? text : `${text}\n`}${fence}`;
}
