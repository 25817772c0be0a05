// OpenPGP.js, run by node: make DIR ADDRESS VERSION | open DIR | answer DIR; messages come and go by the pipes.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const openpgp = createRequire(process.env.INTEROP_NODE + "/")("openpgp");
const [what, folder, address, version] = process.argv.slice(2);
const given = () => readFileSync(0);
const kept = (name) => readFileSync(`${folder}/${name}`, "utf8");

if (what === "make") {
  const made = await openpgp.generateKey({
    type: "curve25519",
    userIDs: [{ name: "OpenPGP.js", email: address }],
    config: { v6Keys: version === "v6", aeadProtect: version === "v6" },
    format: "armored",
    ...(version === "v6" ? {} : { type: "ecc", curve: "curve25519Legacy" }),
  });
  writeFileSync(`${folder}/key.asc`, made.privateKey);
  process.stdout.write(made.publicKey);
} else {
  const key = await openpgp.readPrivateKey({ armoredKey: kept("key.asc") });
  const hub = await openpgp.readKey({ armoredKey: kept("hub.asc") });
  if (what === "open") {
    const message = await openpgp.readMessage({ armoredMessage: given().toString() });
    const found = await openpgp.decrypt({ message, decryptionKeys: key, verificationKeys: hub, format: "binary" });
    let signed = false;
    for (const one of found.signatures) signed = await one.verified.catch(() => false);
    process.stdout.write(Buffer.from(found.data));
    process.stderr.write(signed ? "signed\n" : "unsigned\n");
  } else {
    const message = await openpgp.createMessage({ binary: given() });
    process.stdout.write(await openpgp.encrypt({ message, encryptionKeys: hub, signingKeys: key }));
  }
}
