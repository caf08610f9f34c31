package newtool

// toolText is the source of a new tool. It works unchanged, so that its test passes and a
// client can call the tool right away.
const toolText = `package tools

import (
	"context"
	"strings"

	"MODULE/internal/tool"
)

// IDENTIFIERInput has the arguments. The tags are for the model and checked before
// the tool is called: docs/tools.md lists them.
type IDENTIFIERInput struct {
	Text string ` + "`" + `json:"text" min:"1" max:"1000" doc:"the text whose words are counted" example:"to be or not to be"` + "`" + `
}

// IDENTIFIEROutput is the result.
type IDENTIFIEROutput struct {
	Words int ` + "`" + `json:"words" min:"0" doc:"number of words"` + "`" + `
}

// IDENTIFIER counts words. Replace types, texts and function with your own.
func IDENTIFIER() tool.Tool {
	return tool.New(tool.Info{
		Name:        "NAME",
		Title:       "TITLE",
		Description: "Counts the words of a text.",
		ReadOnly:    true, // it changes nothing
		Idempotent:  true, // a second call has no further effect
	}, func(_ context.Context, in IDENTIFIERInput) (IDENTIFIEROutput, error) {
		words := strings.Fields(in.Text)
		if len(words) == 0 {
			// The model reads this text and can correct its call.
			return IDENTIFIEROutput{}, tool.Errorf("text is blank; give a text with at least one word")
		}
		return IDENTIFIEROutput{Words: len(words)}, nil
	})
}
`

// testText is the test of a new tool.
const testText = `package tools

import (
	"testing"

	"MODULE/internal/tool/tooltest"
)

func TestEXPORTED(t *testing.T) {
	tests := []struct {
		arguments, want string
		isError         bool
	}{
		{` + "`" + `{"text":"to be or not to be"}` + "`, `" + `{"words":6}` + "`" + `, false},
		{` + "`" + `{"text":"  "}` + "`, `" + `text is blank; give a text with at least one word` + "`" + `, true},
		{` + "`" + `{}` + "`, `" + `text is missing` + "`" + `, true},
	}
	for _, tt := range tests {
		if got, isError := tooltest.Call(t, IDENTIFIER(), tt.arguments); got != tt.want || isError != tt.isError {
			t.Errorf("%s: %s (error %v), want %s (error %v)", tt.arguments, got, isError, tt.want, tt.isError)
		}
	}
}
`
