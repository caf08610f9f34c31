package jobs

import (
	"encoding/json"
	"strings"
	"time"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpjob"
)

// codeInternal is the JSON-RPC code of an interrupted job.
const codeInternal = -32603

// item is a job in the table. Times are milliseconds since 1970, 0 means never.
type item struct {
	ID        string
	Version   int64  // counts the writes
	Write     string // random, to recognize a write whose response was lost
	KeyID     string
	Scope     string // as in apikey.Principal.Context
	KeyUntil  string // as in apikey.Principal.Context
	Tool      string
	Arguments string // JSON; empty when the job has ended
	Responses string // JSON; empty when the job has ended

	Status  mcpjob.Status
	Message string
	Result  string // JSON
	Code    int    // JSON-RPC error code of a failed job, whose text is Message

	Created, Updated int64
	Sent             int64 // when the last event was sent
	Sends            int64 // events sent
	Runs, MaxRuns    int64 // how often a worker has started it, and how often one may
	Lease            string
	LeaseUntil       int64

	// Other holds attributes of a newer version. During a deployment two versions run:
	// the older one must not drop what the newer one has stored.
	Other attributes
}

func newItem(id string, call mcpjob.Call, now time.Time) item {
	who := call.Principal.Context()
	scope, _ := who["tools"].(string)
	until, _ := who["expires"].(string)
	i := item{
		ID: id, KeyID: call.Principal.KeyID, Scope: scope, KeyUntil: until, Tool: call.Tool,
		Arguments: string(call.Arguments), Responses: string(call.InputResponses),
		Status: mcpjob.Working, Created: now.UnixMilli(), Updated: now.UnixMilli(), Sent: now.UnixMilli(), Sends: 1, MaxRuns: 1,
	}
	if call.Idempotent {
		i.MaxRuns = maxRuns
	}
	return i
}

// call returns the call that started the job.
func (i item) call() (mcpjob.Call, error) {
	who := map[string]any{"keyId": i.KeyID, "tools": i.Scope}
	if i.KeyUntil != "" {
		who["expires"] = i.KeyUntil
	}
	p, err := apikey.ParseContext(who)
	return mcpjob.Call{
		Tool: i.Tool, Arguments: raw(i.Arguments), InputResponses: raw(i.Responses), Principal: p, Idempotent: i.MaxRuns > 1,
	}, err
}

// raw returns JSON text; nil for "".
func raw(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

// job returns the job as clients see it.
func (i item) job(now time.Time) mcpjob.Job {
	j := mcpjob.Job{
		ID: i.ID, Tool: i.Tool, Status: i.Status, Message: i.Message,
		CreatedAt: time.UnixMilli(i.Created), UpdatedAt: time.UnixMilli(i.Updated), TTL: TTL,
		// A tenth of the job's age: soon for short jobs, rarely for long ones.
		Poll: min(max(now.Sub(time.UnixMilli(i.Created))/10, time.Second), 10*time.Second).Truncate(time.Millisecond),
	}
	switch i.Status {
	case mcpjob.Completed:
		j.Result = raw(i.Result)
	case mcpjob.Failed:
		j.Error = &mcpjob.Error{Code: i.Code, Message: i.Message}
	}
	return j
}

func (i item) expired(now time.Time) bool { return now.Sub(time.UnixMilli(i.Created)) >= TTL }

func (i item) leased(now time.Time) bool { return i.LeaseUntil > now.UnixMilli() }

// The transitions of a job follow. Each returns false and changes nothing if the job is
// not in the right state.

// take gives a worker the lease.
func (i *item) take(lease string, now time.Time) bool {
	if i.Status != mcpjob.Working || i.leased(now) || i.Runs >= i.MaxRuns || i.expired(now) {
		return false
	}
	i.Lease, i.LeaseUntil, i.Runs = lease, now.Add(leaseTime).UnixMilli(), i.Runs+1
	i.Updated = now.UnixMilli()
	return true
}

// beat renews the lease and stores the progress.
func (i *item) beat(lease, message string, now time.Time) bool {
	if i.Status != mcpjob.Working || i.Lease != lease {
		return false
	}
	i.LeaseUntil = now.Add(leaseTime).UnixMilli()
	if message = shorten(message); message != i.Message {
		i.Message, i.Updated = message, now.UnixMilli()
	}
	return true
}

// finish stores the outcome of the worker that has the lease.
func (i *item) finish(lease string, o outcome, now time.Time) bool {
	if i.Status != mcpjob.Working || i.Lease != lease {
		return false
	}
	if o.failed != nil {
		i.end(mcpjob.Failed, now)
		i.Code, i.Message = o.failed.Code, shorten(o.failed.Message)
		return true
	}
	i.end(mcpjob.Completed, now)
	i.Result, i.Message = string(o.result), ""
	return true
}

// cancel ends a job for its caller.
func (i *item) cancel(now time.Time) bool {
	if i.Status != mcpjob.Working {
		return false
	}
	i.end(mcpjob.Cancelled, now)
	return true
}

// interrupted reports whether the worker of a job has died and no other may run the job.
func (i item) interrupted(now time.Time) bool {
	return i.Status == mcpjob.Working && i.Runs >= i.MaxRuns && !i.leased(now)
}

// interrupt ends an interrupted job.
func (i *item) interrupt(now time.Time) bool {
	if !i.interrupted(now) {
		return false
	}
	i.end(mcpjob.Failed, now)
	i.Code, i.Message = codeInternal, "the job was interrupted and may have done part of its work"
	return true
}

// lost reports whether a job should have a worker and has none: its event was dropped or
// is late, or its worker has died. The wait doubles with each event that was sent.
func (i item) lost(now time.Time) bool {
	wait := min(queueTime<<min(max(i.Sends-1, 0), 10), maxQueueTime)
	return i.Status == mcpjob.Working && i.Runs < i.MaxRuns && !i.leased(now) &&
		now.Sub(time.UnixMilli(i.Sent)) >= wait
}

// resend records that the event is sent again.
func (i *item) resend(now time.Time) bool {
	if !i.lost(now) {
		return false
	}
	i.Sent, i.Sends = now.UnixMilli(), i.Sends+1
	return true
}

// end sets the final state. It removes the call that started the job, which is no longer
// needed, may be private, and would leave less room for the result.
func (i *item) end(status mcpjob.Status, now time.Time) {
	i.Status, i.Updated = status, now.UnixMilli()
	i.Arguments, i.Responses, i.Scope, i.KeyUntil, i.Lease, i.LeaseUntil = "", "", "", "", "", 0
}

// shorten cuts a text to maxMessage bytes of valid UTF-8.
func shorten(text string) string {
	if len(text) > maxMessage {
		text = text[:maxMessage]
	}
	return strings.ToValidUTF8(text, "")
}
