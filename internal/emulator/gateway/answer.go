package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// answer is what a client gets.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	refusal bool // made by the gateway, not by a function
}

// refusal is one of the gateway's own answers, whose texts are those of the
// statuses.
func refusal(status int) answer {
	text := http.StatusText(status)
	body, _ := json.Marshal(map[string]string{"message": text})
	return answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: body, refusal: true}
}

func (ans answer) message() string {
	if !ans.refusal {
		return ""
	}
	return http.StatusText(ans.status)
}

func (ans answer) write(w http.ResponseWriter, r *http.Request) {
	for name, values := range ans.header {
		w.Header()[name] = values
	}
	hasBody := ans.status != http.StatusNoContent && ans.status != http.StatusNotModified
	if hasBody {
		w.Header().Set("Content-Length", strconv.Itoa(len(ans.body)))
	}
	w.WriteHeader(ans.status)
	if hasBody && r.Method != http.MethodHead {
		w.Write(ans.body) // a client that is gone has nobody to tell
	}
}

// parseAnswer makes an answer of what a function gave: a record with a
// statusCode is taken at its word, and a bad one is an error; anything else,
// JSON or not, is the body of a 200 (observed by AWS's own Lambda test tool,
// where the documentation speaks of valid JSON only).
func parseAnswer(payload []byte) (answer, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(payload, &fields); err != nil || fields["statusCode"] == nil {
		header := http.Header{"Content-Type": {"application/json"}}
		return answer{status: http.StatusOK, header: header, body: payload}, nil
	}
	var given struct {
		StatusCode      int            `json:"statusCode"`
		Headers         map[string]any `json:"headers"`
		Cookies         []string       `json:"cookies"`
		Body            string         `json:"body"`
		IsBase64Encoded bool           `json:"isBase64Encoded"`
	}
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if err := d.Decode(&given); err != nil {
		return answer{}, fmt.Errorf("read function's answer: %w", err)
	}
	if given.StatusCode < 200 || given.StatusCode > 599 {
		return answer{}, fmt.Errorf("read function's answer: statusCode %d", given.StatusCode)
	}
	header, err := answerHeader(given.Headers, given.Cookies)
	if err != nil {
		return answer{}, err
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "text/plain; charset=utf-8") // observed
	}
	body := []byte(given.Body)
	if given.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(given.Body); err != nil {
			return answer{}, fmt.Errorf("read function's answer: body: %w", err)
		}
	}
	return answer{status: given.StatusCode, header: header, body: body}, nil
}

// answerHeader takes strings, numbers and booleans for values. The length is
// computed anew and hop-by-hop headers are dropped; all else passes, Server
// and Date included.
func answerHeader(values map[string]any, cookies []string) (http.Header, error) {
	header := http.Header{}
	for name, value := range values {
		switch value.(type) {
		case string, json.Number, bool:
		default:
			return nil, fmt.Errorf("read function's answer: header %q has a %T for a value", name, value)
		}
		if lower := strings.ToLower(name); lower != "content-length" && !hopByHop[lower] {
			header.Add(name, fmt.Sprint(value))
		}
	}
	for _, cookie := range cookies {
		header.Add("Set-Cookie", cookie)
	}
	return header, nil
}
