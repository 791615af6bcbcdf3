import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Paths of a lab's certificates, PEM. */
export interface LabCertificates {
	ca: string;
	cert: string;
	key: string;
}

/** Where a lab's certificates lie. */
export function certificatePaths(folder: string): LabCertificates {
	return { ca: join(folder, "ca.crt"), cert: join(folder, "node.crt"), key: join(folder, "node.key") };
}

/** Makes a certificate authority and one certificate for loopback, used by nodes and by clients. Its key is thrown away. */
export async function makeCertificates(openssl: string, folder: string): Promise<void> {
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const { ca, cert, key } = certificatePaths(folder);
	const [caKey, request, extensions] = [join(folder, "ca.key"), join(folder, "node.csr"), join(folder, "node.ext")];
	const newKey = ["-newkey", "rsa:2048", "-nodes"];
	await run(openssl, [
		...["req", "-x509", ...newKey, "-keyout", caKey, "-out", ca, "-days", "825", "-subj", "/CN=Runledger lab"],
	]);
	await run(openssl, ["req", "-new", ...newKey, "-keyout", key, "-out", request, "-subj", "/CN=localhost"]);
	await writeFile(extensions, "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n");
	await run(openssl, [
		...["x509", "-req", "-in", request, "-CA", ca, "-CAkey", caKey, "-set_serial", "1", "-days", "825"],
		...["-extfile", extensions, "-out", cert],
	]);
	for (const file of [caKey, request, extensions]) await rm(file);
}
