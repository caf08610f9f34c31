package local

import (
	"fmt"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/emulator/loopback"
	"serverless-mcp/internal/settings"
)

// TableName returns the name of a declared table in the local DynamoDB: its logical id in
// the template.
func TableName(logicalID string) string { return logicalID }

// envDynamoDB points the AWS SDK at the local DynamoDB.
const envDynamoDB = "AWS_ENDPOINT_URL_DYNAMODB"

// Tables is the local DynamoDB, on a loopback port.
type Tables struct {
	*awsfake.DynamoDB
	URL string // for AWS_ENDPOINT_URL_DYNAMODB

	service *loopback.Server
}

// startTables creates the topology's tables and serves them. Without tables it
// returns nil.
func startTables(t Topology, o Options) (*Tables, error) {
	if len(t.Tables) == 0 {
		return nil, nil
	}
	s := &Tables{DynamoDB: awsfake.NewDynamoDB(awsfake.Options{Now: o.Now, Fail: o.FailDynamoDB})}
	for _, table := range t.Tables {
		s.Create(table)
	}
	var err error
	if s.service, err = startService("DynamoDB", s.DynamoDB); err != nil {
		return nil, err
	}
	s.URL = s.service.URL()
	return s, nil
}

// Endpoint returns the service's address, "" if there are no tables.
func (s *Tables) Endpoint() string {
	if s == nil {
		return ""
	}
	return s.URL
}

// environment adds the service's address to a program's environment.
func (s *Tables) environment(env map[string]string) {
	if s != nil {
		env[envDynamoDB] = s.URL
	}
}

func (s *Tables) close() error {
	if s == nil {
		return nil
	}
	return s.service.Close()
}

// addKeyLimits adds the table that counts calls, and its name to each server.
func (t *Topology) addKeyLimits(s settings.Settings) {
	if !s.KeyLimits {
		return
	}
	t.declare(settings.LimitsTableID, awsfake.Table{
		Name: TableName(settings.LimitsTableID), TTL: settings.LimitsTableTTL,
		Key: awsfake.Key{Partition: awsfake.KeyAttribute{Name: settings.LimitsTableKey, Type: "S"}},
	})
	for _, id := range []string{MCPID, MCPStreamID} {
		if f, ok := t.Functions[id]; ok {
			f.Env[settings.EnvLimitsTable] = TableName(settings.LimitsTableID)
		}
	}
	if t.Container.Program != "" {
		t.Container.Env[settings.EnvLimitsTable] = TableName(settings.LimitsTableID)
	}
}

// CountsCalls reports whether the calls of keys with limits are counted.
func (s *System) CountsCalls() bool {
	_, ok := s.topology.Tables[settings.LimitsTableID]
	return ok
}

// addTable reads a table.
func (t *Topology) addTable(id string, r resource) error {
	types := pairsOf(r.Properties["AttributeDefinitions"], "AttributeName", "AttributeType")
	table := awsfake.Table{Name: TableName(id), Key: keyIn(r.Properties["KeySchema"], types)}
	if ttl := r.object("TimeToLiveSpecification"); ttl["Enabled"] == true {
		table.TTL = fmt.Sprint(ttl["AttributeName"])
	}
	indexes, _ := r.Properties["GlobalSecondaryIndexes"].([]any)
	if len(indexes) > 1 {
		return fmt.Errorf("it has %d indexes; one is supported", len(indexes))
	}
	for _, index := range indexes {
		properties, _ := index.(map[string]any)
		if projection, _ := properties["Projection"].(map[string]any); projection["ProjectionType"] != "ALL" {
			return fmt.Errorf("the projection of its index is %v, want ALL", projection["ProjectionType"])
		}
		table.Index = awsfake.Index{Name: fmt.Sprint(properties["IndexName"]), Key: keyIn(properties["KeySchema"], types)}
	}
	t.declare(id, table)
	return nil
}

// declare adds a table to the topology.
func (t *Topology) declare(id string, table awsfake.Table) {
	if t.Tables == nil {
		t.Tables = map[string]awsfake.Table{}
	}
	t.Tables[id] = table
}

// keyIn reads a key schema.
func keyIn(schema any, types map[string]string) (key awsfake.Key) {
	for name, role := range pairsOf(schema, "AttributeName", "KeyType") {
		attribute := awsfake.KeyAttribute{Name: name, Type: types[name]}
		if role == "HASH" {
			key.Partition = attribute
		} else {
			key.Sort = attribute
		}
	}
	return key
}
