/* What is wrong with a field of a dialog, beside it: the sentence, what to do, the code. The field has the keyboard again. */
import { useEffect } from "preact/hooks";
import type { Problem } from "../../../../core/problem.ts";
import { ProblemNote } from "../../../components/page-state.tsx";

export function FieldProblem({ problem, field }: { problem: Problem; field: string }) {
	useEffect(() => {
		document.getElementById(field)?.focus();
	}, [problem, field]);
	return (
		<ProblemNote problem={problem}>
			<p class="faint mono">{problem.code}</p>
		</ProblemNote>
	);
}
