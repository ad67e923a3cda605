import { readdirSync, readFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { basename, join } from "node:path";
import { json } from "node:stream/consumers";
import { bash } from "./steps.ts";

/** A running server on this machine. */
export interface Running {
  /** Its address, with the port. */
  readonly host: string;
  stop(): void;
}

interface Published {
  readonly _attachments: Readonly<Record<string, { readonly data: string }>>;
}

/** An npm registry, to which one package is published. All other requests are redirected to another registry. */
export async function startRegistry(packageName: string, upstream: string): Promise<Running> {
  let published: Published | undefined;
  const answer: RequestListener = async (request, response) => {
    const { method, url = "" } = request;
    const [name = ""] = url.slice(1).split("?");
    if (name.startsWith(`${packageName}/-/`)) {
      response.end(Buffer.from(published?._attachments[basename(name)]?.data ?? "", "base64"));
    } else if (name !== packageName) {
      response.writeHead(302, { location: `${upstream.replace(/\/$/, "")}${url}` }).end();
    } else if (method === "PUT") {
      published = (await json(request)) as Published;
      response.writeHead(201).end("{}");
    } else {
      response.writeHead(published === undefined ? 404 : 200);
      response.end(JSON.stringify({ ...published, _attachments: undefined }));
    }
  };
  return listen(createHttpServer(answer));
}

/** A server of releases, with a certificate for its address. */
export interface ReleaseServer extends Running {
  readonly certificate: string;
}

/** GitHub's API for one release of a repository, whose assets are the files of a directory, and the host from which assets are downloaded. */
export async function startReleases(
  assets: string,
  { repository, tag, work }: { readonly repository: string; readonly tag: string; readonly work: string },
): Promise<ReleaseServer> {
  const [key, certificate] = [join(work, "releases.key"), join(work, "releases.pem")];
  const names = "/CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1";
  const newKey = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1";
  await bash(`${newKey} -keyout ${key} -out ${certificate} -subj ${names}`, { cwd: work, env: process.env });
  const releases = `/repos/${repository}/releases`;
  const files = readdirSync(assets);
  const answer: RequestListener = ({ url = "", headers }, response) => {
    const asset = files.find(
      (file) => url === `${releases}/assets/${files.indexOf(file)}` || url === `/storage/${file}`,
    );
    if (url === `${releases}/tags/${tag}` || url === `${releases}/latest`) {
      const listed = files.map((name, id) => ({ name, url: `https://${headers.host}${releases}/assets/${id}` }));
      response.end(JSON.stringify({ tag_name: tag, assets: listed }));
    } else if (asset === undefined) {
      response.writeHead(404).end(`{ "message": "Not Found" }`);
    } else if (url.startsWith("/storage/")) {
      response.end(readFileSync(join(assets, asset)));
    } else if (headers.accept === "application/octet-stream") {
      response.writeHead(302, { location: `https://${headers.host}/storage/${asset}` }).end();
    } else {
      response.end(JSON.stringify({ name: asset }));
    }
  };
  const server = createHttpsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, answer);
  return { ...(await listen(server)), certificate };
}

async function listen(server: Server & { closeAllConnections(): void }): Promise<Running> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
