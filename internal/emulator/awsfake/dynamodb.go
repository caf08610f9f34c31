package awsfake

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// DynamoDB is a fake of DynamoDB with the operations on single items (PutItem,
// GetItem, UpdateItem, DeleteItem), Query and Scan, with their expressions. Each operation
// is atomic. A parameter that is not implemented, such as ReturnConsumedCapacity or
// the legacy AttributeUpdates, is an error. Indexes are updated immediately; on AWS they
// are eventually consistent.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/
type DynamoDB struct {
	o       Options
	handler http.Handler

	mu     sync.Mutex
	tables map[string]*table
}

// Table declares a table, as a template does.
type Table struct {
	Name  string
	Key   Key
	Index Index  // the global secondary index; the zero value means none
	TTL   string // attribute with the time of expiry in Unix seconds; empty means that items do not expire
	// DropExpired deletes items as soon as they expire. AWS deletes them within a few
	// days, so callers must handle expired items that are still returned.
	DropExpired bool
}

// Key declares a primary key, or the key of an index.
type Key struct {
	Partition, Sort KeyAttribute // Sort without a name means none
}

// KeyAttribute is an attribute of a key.
type KeyAttribute struct {
	Name string
	Type string // S, N or B; empty means S
}

// Index is a global secondary index. It contains the items that have its key.
type Index struct {
	Name string
	Key  Key
}

// NewDynamoDB returns a service without tables.
func NewDynamoDB(o Options) *DynamoDB {
	d := &DynamoDB{o: o.withDefaults(), tables: map[string]*table{}}
	d.handler = d.o.serveJSON("1.0", "DynamoDB_20120810", map[string]operation{
		"PutItem":    strictlyDecoded(d.putItem),
		"GetItem":    strictlyDecoded(d.getItem),
		"UpdateItem": strictlyDecoded(d.updateItem),
		"DeleteItem": strictlyDecoded(d.deleteItem),
		"Query":      strictlyDecoded(d.query),
		"Scan":       strictlyDecoded(d.scan),
	})
	return d
}

// ServeHTTP implements [http.Handler].
func (d *DynamoDB) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.handler.ServeHTTP(w, r) }

// Create creates an empty table. It replaces an existing table of that name.
func (d *DynamoDB) Create(t Table) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tables[t.Name] = &table{Table: t, items: map[string]item{}}
}

// Delete deletes a table, as CloudFormation does.
func (d *DynamoDB) Delete(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.tables, name)
}

// find returns a table by its name. The caller must hold d.mu.
func (d *DynamoDB) find(name string) (*table, error) {
	t, ok := d.tables[name]
	if !ok {
		return nil, newError("ResourceNotFoundException", "Requested resource not found")
	}
	if t.DropExpired && t.TTL != "" {
		t.dropExpired(d.o.Now())
	}
	return t, nil
}

// table is a table with its items.
type table struct {
	Table
	items map[string]item // by the text of the primary key
}

// dropExpired deletes expired items. Like AWS, it keeps items that expired more than
// five years ago.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
func (t *table) dropExpired(now time.Time) {
	oldest, newest := decimalOf(now.AddDate(-5, 0, 0).Unix()), decimalOf(now.Unix())
	for id, it := range t.items {
		if end := it[t.TTL]; end.kind == kindN && end.number.cmp(newest) < 0 && end.number.cmp(oldest) > 0 {
			delete(t.items, id)
		}
	}
}

// strictlyDecoded is like [decoded], for inputs whose unknown fields are errors.
func strictlyDecoded[In, Out any](fn func(In) (Out, error)) operation {
	return func(input []byte) (any, error) {
		var in In
		d := json.NewDecoder(bytes.NewReader(input))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil {
			if refused, ok := err.(*Error); ok {
				return nil, refused
			}
			return nil, newError("SerializationException", "%v", err)
		}
		return fn(in)
	}
}

// invalid returns the error for a request that AWS rejects before it runs it.
func invalid(format string, args ...any) *Error {
	return newError("ValidationException", format, args...)
}
