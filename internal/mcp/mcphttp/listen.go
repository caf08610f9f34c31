package mcphttp

import (
	"encoding/json"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// listenMargin is the margin of subscriptions/listen: such a stream has no
// answer to wait for, and its client needs time to learn of its end.
const listenMargin = 5 * time.Second

// listens reports whether the message asks for notifications until further
// notice. What may be had of them is the library's to say: where nothing on the
// server ever changes, it confirms that and ends the stream at once.
func (m message) listens() bool {
	return m.modern && m.Method == string(mcp.MethodSubscriptionsListen) && m.ID != nil
}

// listened is how such a stream ends when its time is up, which is no error: the
// client listens again. The library, whose context has ended, would say nothing.
func (m message) listened() []byte {
	var id any
	_ = json.Unmarshal(m.ID, &id) // parse has checked it
	result := &mcp.SubscriptionsListenResult{}
	result.EnsureResultMeta().SetSubscriptionID(id)
	result.ResultType = mcp.ResultTypeComplete
	return mustMarshal(rpcAnswer{JSONRPC: mcp.JSONRPC_VERSION, ID: m.ID, Result: result})
}
