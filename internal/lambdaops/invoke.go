package lambdaops

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"serverless-mcp/internal/lambdaops/retry"
	"serverless-mcp/internal/tool"
)

// maxResponse bounds what a model is given of a function's response of up to 6 MB.
const maxResponse = 64 << 10

type invokeInput struct {
	Function  string `json:"function" doc:"function's name, or its ARN" min:"1" max:"170"`
	Payload   string `json:"payload" doc:"the event, as JSON text" default:"{}" max:"6291456"`
	Qualifier string `json:"qualifier,omitempty" doc:"version or alias; absent means $LATEST" max:"128"`
	Log       bool   `json:"log,omitempty" doc:"give the last 4 KB of the function's log, too"`
}

type invokeOutput struct {
	Failed    bool   `json:"failed" doc:"whether the function itself failed"`
	Error     string `json:"error,omitempty" doc:"Handled or Unhandled, if it failed"`
	ErrorType string `json:"error_type,omitempty" doc:"name of the function's error, if it failed and says"`
	Version   string `json:"version" doc:"version that ran"`
	Response  string `json:"response" doc:"what the function returned, as JSON text"`
	Truncated bool   `json:"truncated,omitempty" doc:"the answer was longer, and is cut off"`
	Log       string `json:"log,omitempty" doc:"end of the function's log"`
	Throttled int    `json:"throttled,omitempty" doc:"calls that AWS throttled and that were made again"`
}

func (o *Ops) invokeFunction() tool.Tool {
	return tool.New(tool.Info{
		Name:        "invoke_function",
		Title:       "Call a Lambda function",
		Description: "Calls a Lambda function and waits for its answer. It runs for real: whatever the function does to the world, it does. Says whether the function failed.",
		Destructive: true, OpenWorld: true,
	}, func(ctx context.Context, in invokeInput) (invokeOutput, error) {
		out, err := o.invoke(ctx, in)
		return out, forModel(err)
	})
}

func (o *Ops) invoke(ctx context.Context, in invokeInput) (invokeOutput, error) {
	if !json.Valid([]byte(in.Payload)) {
		return invokeOutput{}, tool.Errorf("payload is no JSON; text goes in quotes: \"…\"")
	}
	call := &lambda.InvokeInput{FunctionName: &in.Function, Payload: []byte(in.Payload)}
	if in.Qualifier != "" {
		call.Qualifier = &in.Qualifier
	}
	if in.Log {
		call.LogType = types.LogTypeTail
	}
	got, err := o.o.Lambda.Invoke(ctx, call, retry.Once)
	if err != nil {
		return invokeOutput{}, err
	}
	out := invokeOutput{
		Failed: got.FunctionError != nil, Error: aws.ToString(got.FunctionError),
		Version: aws.ToString(got.ExecutedVersion), Throttled: callFrom(ctx).slowedSoFar(),
	}
	out.Response, out.Truncated = cut(got.Payload)
	if out.Failed {
		var e struct {
			ErrorType string `json:"errorType"`
		}
		_ = json.Unmarshal(got.Payload, &e) // a runtime of one's own may say it in another way
		out.ErrorType = e.ErrorType
	}
	if log, err := base64.StdEncoding.DecodeString(aws.ToString(got.LogResult)); err == nil {
		out.Log = strings.ToValidUTF8(string(log), "\uFFFD")
	}
	return out, nil
}

// cut shortens a response without cutting a character in two.
func cut(answer []byte) (text string, truncated bool) {
	if len(answer) > maxResponse {
		answer, truncated = answer[:maxResponse], true
		for len(answer) > 0 && !utf8.RuneStart(answer[len(answer)-1]) {
			answer = answer[:len(answer)-1]
		}
		if n := len(answer); n > 0 && answer[n-1] >= utf8.RuneSelf {
			answer = answer[:n-1]
		}
	}
	return strings.ToValidUTF8(string(answer), "\uFFFD"), truncated
}
