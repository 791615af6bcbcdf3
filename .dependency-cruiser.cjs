/** Who may import whom: every arrow down. `core <- targets <- steps <- server`, `targets <- lab <- server`, `steps <- client`. */

/** A room may import from itself and from the rooms named; from no other room. */
const room = (name, from, ...below) => ({
	name,
	severity: "error",
	from: { path: from },
	to: { path: "^(core|targets|steps|lab|server|client|bench|test|scripts)/", pathNot: below },
});

module.exports = {
	forbidden: [
		{
			name: "no-cycles",
			severity: "error",
			from: {},
			to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
		},
		{ name: "nothing-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
		{
			name: "no-undeclared-packages",
			severity: "error",
			from: {},
			to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
		},
		{
			name: "products-use-no-tools",
			comment: "What runs at a user's needs nothing that is installed for development only.",
			severity: "error",
			from: { path: "^(core|targets|steps|lab|server|client)/", pathNot: "\\.test\\.tsx?$|/vite\\.config\\.ts$" },
			to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
		},
		room("core-stands-alone", "^core/(?!.*\\.test\\.ts$)", "^core/"),
		{
			name: "core-is-pure",
			severity: "error",
			from: { path: "^core/", pathNot: "\\.test\\.ts$" },
			to: { dependencyTypes: ["core"] },
		},
		room("targets-on-core", "^targets/(?!.*\\.test\\.ts$)", "^core/", "^targets/"),
		room("steps-on-targets", "^steps/(?!.*\\.test\\.tsx?$)", "^core/", "^targets/", "^steps/"),
		room("lab-on-targets", "^lab/(?!.*\\.test\\.ts$)", "^core/", "^targets/", "^lab/"),
		room(
			"server-on-all-but-client",
			"^server/(?!.*\\.test\\.ts$)",
			"^core/",
			"^targets/",
			"^steps/",
			"^lab/",
			"^server/",
		),
		room("client-on-core-and-steps", "^client/(?!.*\\.test\\.tsx?$)", "^core/", "^steps/", "^client/"),
		{
			name: "client-takes-views-of-steps-only",
			severity: "error",
			from: { path: "^(client/|steps/.*/client\\.tsx$|steps/client\\.ts$|steps/step-view\\.ts$)" },
			to: {
				path: "^steps/",
				pathNot:
					"/type\\.ts$|client\\.tsx?$|^steps/(index|step-view)\\.ts$|^steps/[^/]+/[^/]+\\.(tsx?|css)$|^steps/(command-line\\.tsx|handed-values?\\.tsx?|prose-text\\.tsx|visible-text\\.tsx|wait-words\\.ts)$",
			},
		},
		{
			name: "client-runs-no-server-halves",
			severity: "error",
			from: { path: "^(client/|steps/.*/client\\.tsx$|steps/client\\.ts$)" },
			to: {
				path: "^steps/(server|[^/]+/server)\\.ts$|^steps/step-(executor|host)\\.ts$",
				dependencyTypesNot: ["type-only"],
			},
		},
		{
			name: "client-has-no-node",
			severity: "error",
			from: { path: "^client/", pathNot: "\\.test\\.tsx?$|/vite\\.config\\.ts$" },
			to: { dependencyTypes: ["core"] },
		},
		{
			name: "no-step-imports-another",
			severity: "error",
			from: { path: "^steps/([^/]+)/(?!.*\\.test\\.tsx?$)" },
			to: { path: "^steps/[^/]+/", pathNot: "^steps/$1/" },
		},
		{
			name: "no-target-imports-another",
			severity: "error",
			from: { path: "^targets/([^/]+)/(?!.*\\.test\\.ts$)" },
			to: { path: "^targets/[^/]+/", pathNot: "^targets/$1/" },
		},
		{
			name: "the-lab-knows-nothing-of-sessions",
			severity: "error",
			from: { path: "^lab/" },
			to: { path: "^core/(session|plan|runbook)" },
		},
		{
			name: "products-import-no-tests",
			severity: "error",
			from: { path: "^(core|targets|steps|lab|server|client)/", pathNot: "\\.test\\.tsx?$" },
			to: { path: "\\.test\\.tsx?$|^(test|bench)/" },
		},
	],
	options: {
		doNotFollow: { path: "node_modules" },
		exclude: { path: "^(dist|node_modules)/" },
		tsPreCompilationDeps: "specify",
		tsConfig: { fileName: "tsconfig.base.json" },
		enhancedResolveOptions: {
			exportsFields: ["exports"],
			conditionNames: ["import", "require", "node", "default", "types", "browser"],
			extensions: [".ts", ".tsx", ".js", ".mjs", ".json", ".css", ".d.ts"],
		},
	},
};
