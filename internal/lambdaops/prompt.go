package lambdaops

import (
	"context"
	"fmt"

	"serverless-mcp/internal/tool"
)

type promptInput struct {
	Name string `json:"name,omitempty" doc:"only functions whose name contains this"`
}

// upgradePrompt returns the prompt with the whole workflow. It requires upgrade_runtime,
// so a read-only server does not have it.
func (o *Ops) upgradePrompt() tool.Prompt {
	return tool.NewPrompt(tool.PromptInfo{
		Name:        "upgrade_deprecated_functions",
		Title:       "Upgrade functions on deprecated runtimes",
		Description: "Finds Lambda functions on deprecated runtimes and upgrades them one by one, each with a test that you agree on.",
		Needs:       "upgrade_runtime",
	}, func(_ context.Context, in promptInput) (string, error) {
		which := "all functions"
		filter := "all: true, deprecated: true"
		if in.Name != "" {
			which = fmt.Sprintf("the functions whose name contains %q", in.Name)
			filter += fmt.Sprintf(", name: %q", in.Name)
		}
		return fmt.Sprintf(workflow, which, filter), nil
	})
}

const workflow = `Help me to move %s off deprecated Lambda runtimes, in these steps:

1. Call list_functions with %s. If it returns unfinished upgrades, complete those first: show me rollback_runtime with dry_run: true, and ask me.
2. Show me a table: function, runtime, versions in use with another runtime, what AWS blocks and when (get_runtimes_info), successor. Include the date of the table of runtimes. Ask me which functions to upgrade, and in which order; propose the least important first.
3. For each function, one at a time:
   a. Read it with get_function. Tell me its aliases, and whether its runtime management is Manual.
   b. Agree with me on a test: a payload without side effects, and what the response must contain. Do not invent one: a test that checks nothing protects nothing.
   c. Call upgrade_runtime with dry_run: true and that test. Show me the steps, warnings and refusals word for word, above all if $LATEST cannot be rolled back.
   d. Only when I agree, call it again without dry_run (with confirm: true if this client cannot ask me itself, and accept_no_rollback: true only if I said so).
   e. Tell me the outcome. If it is not "upgraded", stop: show me reason, steps and problems, and which changes the code would need. Do not try again with a weaker test.
4. At the end, sum up what was upgraded, what was not and why, and which templates (CloudFormation, Terraform, SAM) have to be changed so that the next deployment does not set the old runtime again.

Never change a function's runtime, code or aliases by other means.
`
