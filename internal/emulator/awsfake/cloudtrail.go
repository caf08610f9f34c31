package awsfake

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// CloudTrail is a fake of CloudTrail's event history with the operation LookupEvents,
// by the attribute EventName. Like AWS, it allows two calls a second and returns the
// events of 90 days. On AWS an event appears some minutes after the call; here it appears
// immediately.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
type CloudTrail struct {
	o       Options
	handler http.Handler

	mu     sync.Mutex
	events []trailEvent // the oldest first
	calls  []time.Time  // of the last second
}

type trailEvent struct {
	EventId, EventName, EventSource, Username string
	EventTime                                 float64
	CloudTrailEvent                           string // JSON
}

// NewCloudTrail returns a service without events.
func NewCloudTrail(o Options) *CloudTrail {
	c := &CloudTrail{o: o.withDefaults()}
	c.handler = c.o.serveJSON("1.1", "CloudTrail_20131101", map[string]operation{"LookupEvents": decoded(c.lookupEvents)})
	return c
}

// ServeHTTP implements [http.Handler].
func (c *CloudTrail) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }

// Recording returns a handler that records the calls to Secrets Manager, with the error of a
// failed call. Like AWS, it does not record values.
func (c *CloudTrail) Recording(secrets http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client has disconnected
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		response := httptest.NewRecorder()
		secrets.ServeHTTP(response, r)
		from, refused := signerOf(r)
		if _, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); refused == nil {
			c.record(op, from.accessKeyID, body, failureOf(response))
		}
		for name, values := range response.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(response.Code)
		w.Write(response.Body.Bytes())
	})
}

// recordedParameters maps the request parameters that an event contains to the names that
// CloudTrail gives them.
var recordedParameters = map[string]string{
	"SecretId": "secretId", "ClientRequestToken": "clientRequestToken", "VersionStage": "versionStage", "VersionStages": "versionStages",
	"MoveToVersionId": "moveToVersionId", "RemoveFromVersionId": "removeFromVersionId", "VersionId": "versionId",
}

// failureOf returns the error of a response, "" if there is none.
func failureOf(response *httptest.ResponseRecorder) string {
	var body struct {
		Type string `json:"__type"`
	}
	if response.Code == http.StatusOK {
		return ""
	}
	_ = json.Unmarshal(response.Body.Bytes(), &body) // a body that is not JSON contains no error name
	return cmp.Or(body.Type[strings.LastIndex(body.Type, "#")+1:], "InternalFailure")
}

func (c *CloudTrail) record(op, caller string, input []byte, failed string) {
	var in map[string]any
	if json.Unmarshal(input, &in) != nil {
		return
	}
	parameters := map[string]any{}
	for name, value := range in {
		if recorded, ok := recordedParameters[name]; ok {
			parameters[recorded] = value
		}
	}
	now := c.o.Now()
	event := map[string]any{
		"eventName": op, "eventSource": "secretsmanager.amazonaws.com", "eventTime": now.UTC().Format(time.RFC3339),
		"userIdentity":      map[string]any{"type": "IAMUser", "arn": "arn:aws:iam::" + c.o.Account + ":user/" + caller, "userName": caller},
		"requestParameters": parameters,
	}
	if failed != "" {
		event["errorCode"] = failed
	}
	text, err := json.Marshal(event)
	if err != nil {
		panic(err) // values that were JSON before
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, trailEvent{uuid.NewString(), op, "secretsmanager.amazonaws.com", caller, seconds(now), string(text)})
}

type lookupEventsInput struct {
	LookupAttributes   []struct{ AttributeKey, AttributeValue string }
	StartTime, EndTime float64
	MaxResults         int
	NextToken          string // the id of the last event of the previous page
}

type lookupEventsOutput struct {
	Events    []trailEvent
	NextToken string `json:",omitempty"`
}

func (c *CloudTrail) lookupEvents(in lookupEventsInput) (*lookupEventsOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.o.Now()
	c.calls = slices.DeleteFunc(c.calls, func(at time.Time) bool { return now.Sub(at) >= time.Second })
	switch {
	case len(c.calls) >= 2:
		return nil, newError("ThrottlingException", "Rate exceeded")
	case len(in.LookupAttributes) != 1 || in.LookupAttributes[0].AttributeKey != "EventName":
		return nil, newError("InvalidLookupAttributesException", "only the attribute EventName is supported here")
	case in.MaxResults < 0 || in.MaxResults > 50:
		return nil, newError("InvalidMaxResultsException", "A maximum results value of %d is invalid. Specify a value between 1 and 50.", in.MaxResults)
	}
	c.calls = append(c.calls, now)
	page := in.MaxResults
	if page == 0 {
		page = 50
	}
	out := &lookupEventsOutput{Events: []trailEvent{}}
	waiting := in.NextToken != ""
	for _, e := range slices.Backward(c.events) {
		late := in.EndTime != 0 && e.EventTime > in.EndTime || e.EventTime < max(in.StartTime, seconds(now.AddDate(0, 0, -90)))
		switch {
		case e.EventName != in.LookupAttributes[0].AttributeValue || late:
		case waiting:
			waiting = e.EventId != in.NextToken
		case len(out.Events) == page:
			out.NextToken = out.Events[page-1].EventId
			return out, nil
		default:
			out.Events = append(out.Events, e)
		}
	}
	return out, nil
}
