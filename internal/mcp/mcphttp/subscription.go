package mcphttp

import (
	"encoding/json"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// subscriptionMargin is the minimum margin for subscriptions/listen. Ending it early loses
// no result, and the client needs time to notice the end and to subscribe again.
const subscriptionMargin = 5 * time.Second

// subscribes reports whether the message subscribes to notifications. mcp-go decides to
// which: if nothing on the server can change, it confirms the subscription and ends the
// stream at once.
func (m message) subscribes() bool {
	return m.modern && m.Method == string(mcp.MethodSubscriptionsListen) && m.ID != nil
}

// subscriptionEnd returns the response that ends a subscription at its deadline.
// It is not an error: the client subscribes again. mcp-go writes nothing once its
// context has ended.
func (m message) subscriptionEnd() []byte {
	var id any
	_ = json.Unmarshal(m.ID, &id) // checked by parse
	result := &mcp.SubscriptionsListenResult{}
	result.EnsureResultMeta().SetSubscriptionID(id)
	result.ResultType = mcp.ResultTypeComplete
	return mustMarshal(rpcResponse{JSONRPC: mcp.JSONRPC_VERSION, ID: m.ID, Result: result})
}
