import { fileURLToPath } from "node:url";
import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

/** The page's build: `vite build client` writes `dist/client-app`, which the server serves at `/`. */
export default defineConfig({
	root: fileURLToPath(new URL(".", import.meta.url)),
	plugins: [preact()],
	build: {
		outDir: fileURLToPath(new URL("../dist/client-app", import.meta.url)),
		emptyOutDir: true,
		target: "es2022",
		// The first that know light-dark().
		cssTarget: ["chrome123", "firefox120", "safari17.5"],
		// The server answers with its own caching: names carry the content's hash.
		assetsDir: "assets",
		sourcemap: false,
		// Inlined data: addresses would need a wider content security policy.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
	},
	server: {
		host: "127.0.0.1",
		proxy: Object.fromEntries(
			["/socket", "/terminal", "/api", "/sign-in", "/sign-out", "/healthz"].map((path) => [
				path,
				{ target: "http://127.0.0.1:4180", ws: true },
			]),
		),
	},
});
