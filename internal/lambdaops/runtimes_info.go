package lambdaops

import (
	"context"
	"slices"

	"serverless-mcp/internal/lambdaops/runtimes"
	"serverless-mcp/internal/tool"
)

type runtimesInput struct {
	Family string `json:"family,omitempty" doc:"only runtimes of this language; provided means the OS-only runtimes" enum:"nodejs,python,java,dotnet,ruby,go,provided"`
	InUse  bool   `json:"usable_only,omitempty" doc:"only runtimes to which a function can be moved"`
}

type runtimesOutput struct {
	Table    tableInfo     `json:"table" doc:"source of the dates"`
	Runtimes []runtimeInfo `json:"runtimes" doc:"by language, the newest first"`
}

type runtimeInfo struct {
	Identifier  string `json:"identifier" doc:"identifier in a function's configuration"`
	Name        string `json:"name" doc:"display name"`
	OS          string `json:"operating_system" doc:"operating system"`
	State       string `json:"state" doc:"state today" enum:"supported,preview,container only,deprecated,create blocked,update blocked"`
	Deprecation string `json:"deprecation_date,omitempty" doc:"end of support; absent means not scheduled or unknown"`
	BlockCreate string `json:"block_create_date,omitempty" doc:"from this day AWS rejects creating functions with it"`
	BlockUpdate string `json:"block_update_date,omitempty" doc:"from this day AWS rejects updating functions with it; they continue to run"`
	Successor   string `json:"successor,omitempty" doc:"recommended runtime to move to; absent if there is none"`
}

func (o *Ops) runtimesInfo() tool.Tool {
	return tool.New(tool.Info{
		Name:        "get_runtimes_info",
		Title:       "Lambda runtimes and their end dates",
		Description: "Lists Lambda's runtimes with their state today, the dates on which AWS deprecates them and blocks creating and updating functions with them, and the recommended successor. The dates come from AWS's documentation page, or from a dated built-in table if that page cannot be read; the result includes the source.",
		ReadOnly:    true, Idempotent: true, OpenWorld: true,
	}, func(ctx context.Context, in runtimesInput) (runtimesOutput, error) {
		table := o.o.Runtimes.Table(ctx)
		out := runtimesOutput{Table: newTableInfo(table)}
		all := slices.Clone(table.Runtimes)
		runtimes.Sort(all)
		for _, r := range all {
			state := r.State(o.o.Now())
			if in.Family != "" && runtimes.Family(r.Identifier) != in.Family || in.InUse && state != runtimes.Supported {
				continue
			}
			out.Runtimes = append(out.Runtimes, runtimeInfo{
				Identifier: r.Identifier, Name: r.Name, OS: r.OS, State: string(state),
				Deprecation: string(r.Deprecation), BlockCreate: string(r.BlockCreate), BlockUpdate: string(r.BlockUpdate),
				Successor: table.Successor(r.Identifier, o.o.Now()),
			})
		}
		return out, nil
	})
}
