package event

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		request Request
		output  string
		ok      bool
	}{
		"right":         {Call(Older), `{"statusCode":200,"body":"{\"structuredContent\":{\"result\":42}}"}`, true},
		"echo":          {Call(Older), `{"statusCode":200,"body":"{\"arguments\":{\"operation\":\"multiply\",\"a\":6,\"b\":7}}"}`, true},
		"wrong":         {Call(Older), `{"statusCode":200,"body":"{\"structuredContent\":{\"result\":41}}"}`, false},
		"forbidden":     {Call(Older), `{"statusCode":403,"body":"\"result\":42"}`, false},
		"no response":   {Call(Older), ``, false},
		"base64":        {List(Older), `{"statusCode":200,"isBase64Encoded":true,"body":"ImNhbGN1bGF0ZSI="}`, true},
		"bad base64":    {List(Older), `{"statusCode":200,"isBase64Encoded":true,"body":"%"}`, false},
		"authorized":    {Authorization("k"), `{"isAuthorized":true}`, true},
		"unauthorized":  {Authorization("k"), `{"isAuthorized":false}`, false},
		"large":         {Length(Older, 3), `{"statusCode":200,"body":"{\"bytes\":3}"}`, true},
		"too large":     {Length(Older, 5<<20), `{"statusCode":413}`, true},
		"not too large": {Length(Older, 3), `{"statusCode":413}`, false},
		"large, cut":    {Length(Older, 3), `{"statusCode":200,"body":"{\"bytes\":2}"}`, false},
	} {
		if err := test.request.Check([]byte(test.output)); (err == nil) != test.ok {
			t.Errorf("%s: Check(%s) = %v", name, test.output, err)
		}
	}
}

// TestEras: a request has the headers and members that its era of the protocol requires.
func TestEras(t *testing.T) {
	for _, era := range []string{Older, Newer} {
		var e events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(Call(era).Payload, &e); err != nil {
			t.Fatal(err)
		}
		var message struct {
			Params struct {
				Meta map[string]any `json:"_meta"`
			}
		}
		if err := json.Unmarshal([]byte(e.Body), &message); err != nil {
			t.Fatal(err)
		}
		newer := era == Newer
		if e.Headers["mcp-protocol-version"] != era || (e.Headers["mcp-name"] == "calculate") != newer || (len(message.Params.Meta) > 0) != newer {
			t.Errorf("%s: headers %v, body %s", era, e.Headers, e.Body)
		}
	}
}
