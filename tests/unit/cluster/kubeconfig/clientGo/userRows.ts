import { base64, certificate, config, https, one, pem, type Row } from "./row.ts";

const tokenFile = (content: string, user: object = {}) => ({
  config: config(https, { tokenFile: "token", ...user }),
  token: content,
});

/** Credentials. */
export const userRows: readonly Row[] = [
  one("a token", { token: "t" }),
  one("a password", { username: "u", password: "p" }),
  one("a password alone", { password: "p" }),
  one("a token and a password", { token: "t", username: "u", password: "p" }, { refusal: /a token and a username/ }),
  one("a token and a username", { token: "t", username: "u" }, { refusal: /a token and a username/ }),
  { title: "a token in a file with a line break", files: tokenFile("from-file\n") },
  { title: "a token in a file before a token", files: tokenFile("from-file", { token: "t" }) },
  { title: "an empty token file", files: tokenFile("\n"), refusal: /"DIR\/token", which is empty/ },
  { title: "an empty token file beside a token", files: tokenFile("", { token: "t" }) },
  one("a missing token file", { tokenFile: "gone" }, { refusal: /"DIR\/gone", which cannot be read/ }),
  one("a missing token file beside a token", { tokenFile: "gone", token: "t" }),
  {
    title: "a token file and a password",
    files: tokenFile("f", { username: "u", password: "p" }),
    refusal: /a token and a username/,
  },
  one("a token with a line break", { token: "t\n" }, { refusal: /the token of user "u" .* has a line break/ }),
  one("a certificate", certificate),
  one("a certificate and a token", { ...certificate, token: "t" }),
  one("a certificate and a password", { ...certificate, username: "u", password: "p" }),
  one("a certificate without a key", { "client-certificate-data": base64("client") }, { refusal: /without its key/ }),
  one("a key without a certificate", { "client-key-data": base64("client.key") }),
  one("a missing key file without a certificate", { "client-key": "gone" }),
  one(
    "a missing certificate file",
    { "client-certificate": "gone", "client-key-data": base64("client.key") },
    { refusal: /"DIR\/gone", which cannot be read/ },
  ),
  {
    title: "a certificate as data and as a file",
    files: {
      config: config(https, { ...certificate, "client-certificate": "client.pem" }),
      "client.pem": pem("client"),
    },
    refusal: /client-certificate-data and client-certificate;/,
  },
  {
    title: "a key as data and as a file",
    files: { config: config(https, { ...certificate, "client-key": "key.pem" }), "key.pem": pem("client.key") },
    refusal: /client-key-data and client-key;/,
  },
];

/** Whom the requests are made as. */
export const impersonationRows: readonly Row[] = [
  one("another user", { token: "t", as: "jane" }),
  one("another user with all about it", {
    token: "t",
    as: "jane",
    "as-uid": "7",
    "as-groups": ["a", "b"],
    "as-user-extra": { "k/x": ["v", "w"] },
  }),
  one("groups without a user", { token: "t", "as-groups": ["a"] }, { refusal: /without the user to impersonate/ }),
  one("a UID without a user", { token: "t", "as-uid": "7" }, { refusal: /without the user to impersonate/ }),
  one(
    "extras without a user",
    { token: "t", "as-user-extra": { k: ["v"] } },
    { refusal: /without the user to impersonate/ },
  ),
  one("no groups without a user", { token: "t", "as-groups": [] }),
];
