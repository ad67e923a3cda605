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
import { steady } from "./steady.ts";

/** One page of transcripts: what somebody does, and what is seen of it. */
export interface Scenario {
  /** The page's name. */
  readonly name: string;
  readonly title: string;
  /** Whether only the nightly run plays it. */
  readonly isNightly?: boolean;
  readonly play: (page: Page) => Promise<void>;
}

/** Something that runs may change, and that the page shows whenever they did. */
interface Watched {
  readonly title: string;
  readonly language: string;
  readonly read: () => Promise<string>;
  shown: string;
}

/** The name of a project that is the only one of its page. */
export const usual = "access";

const recorded = join(repository, "tests", "transcripts", "recorded");

/**
 * Plays each scenario and compares its page with the one in `tests/transcripts/recorded/DIRECTORY`, which `--update` writes anew.
 *
 * @param directory of the pages of a suite, which has no others
 * @param options `together`: whether they are played at the same time, since they share nothing
 */
export function transcripts(directory: string, scenarios: readonly Scenario[], { together = false } = {}): void {
  const test = together ? it.concurrent : it;
  test.for(scenarios.filter((scenario) => isNightly || scenario.isNightly !== true))(
    "$title",
    async ({ name, title, play }, { expect }) => {
      const page = new Page(title);
      try {
        await play(page);
      } finally {
        await page.close();
      }
      await expect(page.text).toMatchFileSnapshot(join(recorded, directory, `${name}.md`));
      for (const [file, text] of page.files) {
        await expect(text).toMatchFileSnapshot(join(recorded, directory, file));
      }
    },
  );

  it("has no page of a scenario that is gone", async ({ expect }) => {
    const pages = (await readdir(join(recorded, directory)).catch(() => [])).filter((file) => file.endsWith(".md"));
    const known = scenarios.map(({ name }) => `${name}.md`);
    expect(pages.filter((page) => !known.includes(page))).toEqual([]);
  });
}

/** A page that is being written. */
export class Page {
  /** Outputs that are files of their own, since they are no text to read in a page. */
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

  /** A paragraph. */
  say(text: string): void {
    this.#parts.push(text);
  }

  /** Puts a fixed name in place of something that is another one in each run. */
  call(from: string, to: string): void {
    this.#own.push([from, to]);
  }

  /** Makes a project on a manifest, which the page shows; its program may be in another language. */
  async onManifest(
    data: Readonly<Record<string, string>>,
    { config = {}, ...options }: ProjectOptions = {},
  ): Promise<TestProject> {
    const settings = { "aws-auth:manifest": "aws-auth.yaml", ...config };
    const project = this.own(await TestProject.create({ name: usual, ...options }));
    await this.settings(project, settings);
    await project.write("aws-auth.yaml", manifestOf(data));
    await this.watch("`aws-auth.yaml`", () => project.read("aws-auth.yaml"));
    return project;
  }

  /** Takes a project, which is removed with the page. */
  own(project: TestProject): TestProject {
    this.#cleanUps.push(() => project.remove());
    this.call(project.directory, "~/project");
    return project;
  }

  /** Shows something now, and after each run that changes it. */
  async watch(title: string, read: () => Promise<string>, language = "yaml"): Promise<void> {
    const watched = { title, language, read, shown: await this.#look(read) };
    this.#watched.push(watched);
    this.#show(`${title}:`, language, watched.shown);
  }

  /** Replaces the program, without the lines that import the packages. */
  async program(project: TestProject, text: string): Promise<void> {
    await project.program(text);
    const isYaml = text.startsWith("resources:");
    this.#show(`The program${of(project)}:`, isYaml ? "yaml" : "js", text);
  }

  /** Replaces the settings of the stack. */
  async settings(project: TestProject, settings: Readonly<Record<string, string>>): Promise<void> {
    await project.configure(settings);
    const lines = Object.entries(settings).map(([key, value]) => `${key}: ${value}\n`);
    this.#show(`The settings of the stack${of(project)}:`, "yaml", lines.join(""));
  }

  /** Writes a file of the project. */
  async write(project: TestProject, name: string, text: string): Promise<void> {
    await project.write(name, text);
    this.#show(`\`${name}\`:`, languageOf(name), text);
  }

  /** Somebody or something else changes what is watched. */
  async change(text: string, change: () => Promise<void>): Promise<void> {
    await change();
    this.say([text, ...(await this.#changes())].join("\n\n"));
  }

  /** Runs Pulumi's CLI, as `pulumi COMMAND` in a terminal. */
  async pulumi(project: TestProject, command: string): Promise<string> {
    const [name = "", ...args] = words(command);
    const { code, output } = await project.pulumi(name, ...args, ...quiet(name));
    await this.#ran(
      `pulumi ${command}`,
      output.replace(/ +$/gm, ""),
      code,
      project.name === usual ? "" : `${project.name} `,
    );
    return output;
  }

  /**
   * Runs this package's command line.
   *
   * @param file where to put what it prints, if that is no text to read in a page
   */
  async cli(command: string, options: CliOptions, file?: string): Promise<string> {
    const { code, stdout, stderr } = await runCli(words(command), options);
    if (file !== undefined) {
      this.files.set(file, this.#steady(stdout));
      await this.#ran(`pulumi-aws-auth ${command} > ${file}`, stderr, code);
      return stdout;
    }
    await this.#ran(`pulumi-aws-auth ${command}`, `${stdout}${stderr}`, code);
    return stdout;
  }

  /** Makes a directory with files, which the page shows. */
  async directory(files: Readonly<Record<string, string>>): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "aws-auth-page-"));
    this.#cleanUps.push(() => rm(directory, { recursive: true, force: true }));
    this.call(directory, "~/directory");
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(directory, name), text);
      this.#show(`\`${name}\`:`, languageOf(name), text);
    }
    return directory;
  }

  /** Removes its projects and directories. */
  async close(): Promise<void> {
    await Promise.all(this.#cleanUps.map((cleanUp) => cleanUp()));
  }

  async #ran(command: string, output: string, code: number | null, where = ""): Promise<void> {
    this.#fence("console", `${where}$ ${command}\n${this.#steady(output)}`);
    this.say([`Exit code ${code}.`, ...(await this.#changes())].join("\n\n"));
  }

  /** What has changed since the last time, each with its title. */
  async #changes(): Promise<string[]> {
    const changes: string[] = [];
    for (const watched of this.#watched) {
      const now = await this.#look(watched.read);
      if (now !== watched.shown) {
        watched.shown = now;
        changes.push(`${watched.title} now:`, fenced(watched.language, now));
      }
    }
    return changes;
  }

  #show(title: string, language: string, text: string): void {
    this.say(title);
    this.#fence(language, this.#steady(text));
  }

  #fence(language: string, text: string): void {
    this.#parts.push(fenced(language, text));
  }

  async #look(read: () => Promise<string>): Promise<string> {
    // Claims are in the order of their random IDs where they are on one entry.
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

/** Access entries as a person would write them down. */
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

/** Those options of the engine that leave out what is printed again and again until something has happened. */
function quiet(command: string): readonly string[] {
  return ["preview", "up", "refresh", "destroy"].includes(command) ? ["--suppress-progress"] : [];
}

/** The words of a command; quotes hold some together. */
function words(command: string): readonly string[] {
  return Array.from(command.matchAll(/'([^']*)'|\S+/g), ([word, quoted]) => quoted ?? word);
}

/** Which project, where a page has several. */
function of({ name }: TestProject): string {
  return name === usual ? "" : ` of \`${name}\``;
}

/** The language of a file, for its block. */
function languageOf(name: string): string {
  return name.replace(/.*\./, "");
}

/** A block of code, whose fence is longer than any in it. */
function fenced(language: string, text: string): string {
  const fence = text.includes("```") ? "````" : "```";
  return `${fence}${language}\n${text.endsWith("\n") || text === "" ? text : `${text}\n`}${fence}`;
}
