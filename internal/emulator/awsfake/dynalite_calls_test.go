package awsfake_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// call is one request of the comparison with dynalite.
type call struct {
	name string
	do   func(context.Context, *dynamodb.Client) (any, error)
}

func put(name string, in dynamodb.PutItemInput) call {
	in.TableName = tableName(in.TableName)
	return call{name, func(ctx context.Context, c *dynamodb.Client) (any, error) {
		out, err := c.PutItem(ctx, &in)
		if err != nil {
			return nil, err
		}
		return out.Attributes, nil
	}}
}

func get(name string, in dynamodb.GetItemInput) call {
	in.TableName = tableName(in.TableName)
	return call{name, func(ctx context.Context, c *dynamodb.Client) (any, error) {
		out, err := c.GetItem(ctx, &in)
		if err != nil {
			return nil, err
		}
		return out.Item, nil
	}}
}

func del(name string, in dynamodb.DeleteItemInput) call {
	in.TableName = tableName(in.TableName)
	return call{name, func(ctx context.Context, c *dynamodb.Client) (any, error) {
		out, err := c.DeleteItem(ctx, &in)
		if err != nil {
			return nil, err
		}
		return out.Attributes, nil
	}}
}

func update(name string, in dynamodb.UpdateItemInput) call {
	in.TableName = tableName(in.TableName)
	return call{name, func(ctx context.Context, c *dynamodb.Client) (any, error) {
		out, err := c.UpdateItem(ctx, &in)
		if err != nil {
			return nil, err
		}
		return out.Attributes, nil
	}}
}

func query(name string, in dynamodb.QueryInput) call {
	in.TableName = tableName(in.TableName)
	return call{name, func(ctx context.Context, c *dynamodb.Client) (any, error) {
		out, err := c.Query(ctx, &in)
		if err != nil {
			return nil, err
		}
		return map[string]any{"items": out.Items, "count": out.Count, "scanned": out.ScannedCount, "last": out.LastEvaluatedKey}, nil
	}}
}

// tableName returns a call's table, which is "people" by default.
func tableName(name *string) *string {
	if name == nil {
		return aws.String("people")
	}
	return name
}

// values returns attribute values by placeholder or attribute name; pairs has names and
// values alternately.
func values(pairs ...any) map[string]types.AttributeValue {
	m := map[string]types.AttributeValue{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1].(types.AttributeValue)
	}
	return m
}

// with returns the attributes of both maps.
func with(base map[string]types.AttributeValue, pairs ...any) map[string]types.AttributeValue {
	m := maps.Clone(base)
	maps.Copy(m, values(pairs...))
	return m
}

func str(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func num(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }
func yes(v bool) types.AttributeValue   { return &types.AttributeValueMemberBOOL{Value: v} }
func tree(pairs ...any) types.AttributeValue {
	return &types.AttributeValueMemberM{Value: values(pairs...)}
}
func listOf(v ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: v}
}
func set(v ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: v} }

func key(pk, sk string) map[string]types.AttributeValue { return values("pk", str(pk), "sk", num(sk)) }

// calls returns the calls of the comparison in order: later calls read items that earlier
// calls wrote.
func calls() []call {
	return slices.Concat(itemCalls(), conditionCalls(), updateCalls(), invalidCalls(), queryCalls())
}

func itemCalls() []call {
	full := with(key("full", "1"), "text", str("größe"), "n", num("1.50"), "yes", yes(true), "none", &types.AttributeValueMemberNULL{Value: true},
		"bytes", &types.AttributeValueMemberB{Value: []byte{0, 1, 255}}, "tree", tree("a", tree("b", num("2")), "c", str("x")),
		"list", listOf(str("a"), num("7"), tree("d", str("e"))), "set", set("only"), "empty", str(""), "nums", &types.AttributeValueMemberNS{Value: []string{"3.0"}})
	all := []call{
		put("put", dynamodb.PutItemInput{Item: full, ReturnValues: "ALL_OLD"}),
		get("get", dynamodb.GetItemInput{Key: key("full", "1"), ConsistentRead: aws.Bool(true)}),
		get("get the same number written differently", dynamodb.GetItemInput{Key: key("full", "1.0")}),
		get("get a missing item", dynamodb.GetItemInput{Key: key("full", "2")}),
		get("projection", dynamodb.GetItemInput{Key: key("full", "1"), ProjectionExpression: aws.String("#t, tree.a.b, nothing"), ExpressionAttributeNames: map[string]string{"#t": "text"}}),
		put("replace", dynamodb.PutItemInput{Item: with(key("full", "1"), "n", num("2")), ReturnValues: "ALL_OLD"}),
		del("delete", dynamodb.DeleteItemInput{Key: key("full", "1"), ReturnValues: "ALL_OLD"}),
		del("delete a missing item", dynamodb.DeleteItemInput{Key: key("full", "1"), ReturnValues: "ALL_OLD"}),
	}
	for _, n := range []string{"0", "-0", "1e3", "1E-3", "-12.340", "00012", "+5", "1e38", "12345678901234567890123456789012345678", "123456789012345678901234567890123456789", "9.9e125", "1e126", "1e-130", "1e-131", "x", "", "1_0", " 1", ".5", "5."} {
		all = append(all,
			put("put number "+n, dynamodb.PutItemInput{Item: with(key("number", "1"), "n", num(n))}),
			get("get number "+n, dynamodb.GetItemInput{Key: key("number", "1")}))
	}
	return all
}

func conditionCalls() []call {
	all := []call{put("for conditions", dynamodb.PutItemInput{Item: with(key("c", "1"), "n", num("5"), "s", str("hello"), "set", set("a"), "l", listOf(num("1")), "m", tree("x", num("1"), "y", tree()), "b", yes(true))})}
	attributes := values(":five", num("5"), ":s", str("hello"), ":h", str("he"), ":b", yes(true), ":a", str("a"), ":one", num("1"), ":type", str("N"), ":set", set("a"))
	for _, condition := range []string{
		"n = :five", "n <> :five", "n < :five", "n <= :five", "n > :one", "n >= :five", "n = :s", "n < :s", ":one < n", "b = :b", "set = :set",
		"missing = :five", "missing <> :five", "missing < :five", "NOT missing = :five", "n BETWEEN :one AND :five", "n between :five and :five",
		"n IN (:one, :five)", "n IN (:one)", "attribute_exists(n)", "attribute_exists(missing)", "attribute_not_exists(m.z)", "attribute_exists(m.x)", "attribute_exists(l[0])", "attribute_exists(l[1])",
		"attribute_type(n, :type)", "attribute_type(s, :type)", "begins_with(s, :h)", "begins_with(n, :h)", "contains(s, :h)", "contains(set, :a)", "contains(l, :one)", "contains(n, :one)",
		"size(s) = :five", "size(set) = :one", "size(m) > :one", "size(n) = :one", "size(missing) < :five",
		"n = :one OR n = :five AND b = :b", "(n = :one OR n = :five) AND NOT b = :b", "not (n = :one) and m.x = :one",
	} {
		used := values()
		for name, value := range attributes {
			if strings.Contains(condition+" ", name+" ") || strings.Contains(condition, name+")") || strings.Contains(condition, name+",") {
				used[name] = value
			}
		}
		if len(used) == 0 {
			used = nil
		}
		all = append(all, update("condition "+condition, dynamodb.UpdateItemInput{Key: key("c", "1"), ConditionExpression: aws.String(condition), ExpressionAttributeValues: used, ReturnValues: "ALL_NEW"}))
	}
	return append(all,
		put("put unless it exists", dynamodb.PutItemInput{Item: key("c", "1"), ConditionExpression: aws.String("attribute_not_exists(pk)")}),
		del("delete if", dynamodb.DeleteItemInput{Key: key("c", "1"), ConditionExpression: aws.String("n = :n"), ExpressionAttributeValues: values(":n", num("6"))}),
		del("delete a missing item if", dynamodb.DeleteItemInput{Key: key("c", "9"), ConditionExpression: aws.String("attribute_exists(pk)")}),
		update("update a missing item if", dynamodb.UpdateItemInput{Key: key("c", "9"), ConditionExpression: aws.String("attribute_exists(pk)")}))
}

func updateCalls() []call {
	one := values(":one", num("1"))
	all := []call{
		update("without expression", dynamodb.UpdateItemInput{Key: key("u", "1"), ReturnValues: "ALL_NEW"}),
		update("without expression, old", dynamodb.UpdateItemInput{Key: key("u", "0"), ReturnValues: "ALL_OLD"}),
	}
	change := func(expression string, attributes map[string]types.AttributeValue, returns types.ReturnValue) {
		all = append(all, update("update "+expression, dynamodb.UpdateItemInput{Key: key("u", "2"), UpdateExpression: aws.String(expression), ExpressionAttributeValues: attributes, ReturnValues: returns}))
	}
	change("SET a = :one, b = :s", with(one, ":s", str("x")), "UPDATED_NEW")
	change("set a = a + :one", one, "UPDATED_OLD")
	change("SET a = :one - a, c = a", one, "ALL_NEW")
	change("SET d = if_not_exists(d, :one), e = if_not_exists(a, :one) + :one", one, "UPDATED_NEW")
	change("SET l = list_append(if_not_exists(l, :none), :one)", values(":none", listOf(), ":one", listOf(num("1"))), "UPDATED_NEW")
	change("SET l[0] = :one, m = :m", with(one, ":m", tree("x", num("1"))), "ALL_NEW")
	change("SET l[9] = :one, m.y = :one", one, "ALL_NEW")
	change("SET m.x.z = :one", one, "")
	change("SET missing.y = :one", one, "")
	change("SET a = missing + :one", one, "")
	change("SET a = b + :one", one, "")
	change("SET a = :s + :one", with(one, ":s", str("x")), "")
	change("ADD a :one, f :one, g :set", with(one, ":set", set("a")), "UPDATED_NEW")
	change("ADD b :one", one, "")
	change("ADD g :one", one, "")
	change("ADD a :s", values(":s", str("x")), "")
	change("ADD g :set", values(":set", set("a")), "UPDATED_NEW")
	change("DELETE g :set", values(":set", set("a", "b")), "ALL_NEW")
	change("DELETE missing :set", values(":set", set("a")), "ALL_NEW")
	change("REMOVE b, m.x, l[0], missing", nil, "ALL_NEW")
	change("REMOVE a SET b = a ADD f :one", one, "UPDATED_OLD")
	change("SET a = :one REMOVE a", one, "")
	change("SET m = :one, m.x = :one", one, "")
	change("SET a = :one SET b = :one", one, "")
	change("SET pk = :one", one, "")
	change("SET a = :one,", one, "")
	change("SET a :one", one, "")
	change("JUMP a", nil, "")
	change("SET a = unknown(a)", nil, "")
	change("SET a = size(a)", nil, "")
	change("SET a = :big", values(":big", str(strings.Repeat("x", 400<<10))), "")
	change("SET own = :one", one, "")
	change("SET own = :o, made = :one", with(one, ":o", str("me")), "ALL_NEW")
	change("SET n = :nines + :one", with(one, ":nines", num(strings.Repeat("9", 38))), "")
	all = append(all,
		update("the counter's usual form", dynamodb.UpdateItemInput{Key: key("k", "1"), UpdateExpression: aws.String("SET m = :m, c = :one ADD d :one"), ConditionExpression: aws.String("attribute_not_exists(m) OR m < :m"), ExpressionAttributeValues: with(one, ":m", num("10")), ReturnValues: "ALL_NEW"}),
		update("the counter's other form", dynamodb.UpdateItemInput{Key: key("k", "1"), UpdateExpression: aws.String("ADD c :one, d :one"), ConditionExpression: aws.String("m = :m AND c < :rate AND d < :quota"), ExpressionAttributeValues: with(one, ":m", num("10"), ":rate", num("2"), ":quota", num("9")), ReturnValues: "ALL_NEW"}),
		update("over the counter", dynamodb.UpdateItemInput{Key: key("k", "1"), UpdateExpression: aws.String("ADD c :one, d :one"), ConditionExpression: aws.String("m = :m AND c < :rate AND d < :quota"), ExpressionAttributeValues: with(one, ":m", num("10"), ":rate", num("2"), ":quota", num("9"))}),
	)
	return all
}

func invalidCalls() []call {
	all := []call{
		get("no such table", dynamodb.GetItemInput{TableName: aws.String("nothing"), Key: key("a", "1")}),
		get("a key without sort key", dynamodb.GetItemInput{Key: values("pk", str("a"))}),
		get("a key with more", dynamodb.GetItemInput{Key: with(key("a", "1"), "x", str("y"))}),
		get("a key of another type", dynamodb.GetItemInput{Key: values("pk", num("1"), "sk", num("1"))}),
		get("an empty key", dynamodb.GetItemInput{Key: key("", "1")}),
		get("an unused name", dynamodb.GetItemInput{Key: key("a", "1"), ExpressionAttributeNames: map[string]string{"#a": "b"}}),
		get("a reserved word", dynamodb.GetItemInput{Key: key("a", "1"), ProjectionExpression: aws.String("status")}),
		get("overlapping paths", dynamodb.GetItemInput{Key: key("a", "1"), ProjectionExpression: aws.String("a, a.b")}),
		put("an item without key", dynamodb.PutItemInput{Item: values("pk", str("a"))}),
		put("an item with a key of another type", dynamodb.PutItemInput{Item: values("pk", str("a"), "sk", str("1"))}),
		put("an item with an empty key", dynamodb.PutItemInput{Item: key("", "1")}),
		put("a long partition key", dynamodb.PutItemInput{Item: key(strings.Repeat("x", 2049), "1")}),
		put("an index key of another type", dynamodb.PutItemInput{Item: with(key("a", "1"), "own", num("1"))}),
		put("a large item", dynamodb.PutItemInput{Item: with(key("a", "1"), "x", str(strings.Repeat("x", 400<<10)))}),
		put("an empty set", dynamodb.PutItemInput{Item: with(key("a", "1"), "x", &types.AttributeValueMemberSS{Value: []string{}})}),
		put("a set with duplicates", dynamodb.PutItemInput{Item: with(key("a", "1"), "x", set("a", "a"))}),
		put("NULL that is false", dynamodb.PutItemInput{Item: with(key("a", "1"), "x", &types.AttributeValueMemberNULL{})}),
		put("ReturnValues of updates", dynamodb.PutItemInput{Item: key("a", "1"), ReturnValues: "ALL_NEW"}),
		put("values without expression", dynamodb.PutItemInput{Item: key("a", "1"), ExpressionAttributeValues: values(":a", str("x"))}),
	}
	for _, condition := range []string{
		"", " ", "a", "a =", "= :a", "a == :a", "a = :a AND", "(a = :a", "a = :a)", "a = :a b = :a", "status = :a", "#x = :a", "a = :b", "a ~ :a", "unknown(a)", "attribute_exists(:a)",
		"attribute_exists(a, b)", "begins_with(a)", "begins_with(a, :yes)", "attribute_type(a, :yes)", "size(a)", "a BETWEEN :a", "a IN ()", "1a = :a", "a..b = :a", "a[x] = :a", "a = :a ; b = :a",
	} {
		attributes := values(":a", num("1"))
		if strings.Contains(condition, ":yes") {
			attributes = values(":yes", yes(true))
		}
		all = append(all, put(fmt.Sprintf("condition %q", condition), dynamodb.PutItemInput{Item: key("a", "1"), ConditionExpression: aws.String(condition), ExpressionAttributeValues: attributes}))
	}
	return all
}

func queryCalls() []call {
	var all []call
	for i := range 6 {
		all = append(all, put("for queries", dynamodb.PutItemInput{Item: with(key("q", fmt.Sprint(i)), "own", str("me"), "made", num(fmt.Sprint(100-i)), "even", yes(i%2 == 0))}))
	}
	all = append(all, put("not in the index", dynamodb.PutItemInput{Item: key("q", "10")}))
	add := func(name, condition string, attributes map[string]types.AttributeValue, in dynamodb.QueryInput) {
		in.KeyConditionExpression, in.ExpressionAttributeValues = aws.String(condition), attributes
		all = append(all, query("query "+name+" "+condition, in))
	}
	pk := values(":pk", str("q"))
	two := with(pk, ":n", num("2"))
	for _, operator := range []string{"=", "<", "<=", ">", ">="} {
		add("", "pk = :pk AND sk "+operator+" :n", two, dynamodb.QueryInput{})
	}
	add("", "pk = :pk", pk, dynamodb.QueryInput{})
	add("", "sk BETWEEN :n AND :m AND pk = :pk", with(two, ":m", num("4")), dynamodb.QueryInput{})
	add("", "(pk = :pk) AND (sk > :n)", two, dynamodb.QueryInput{})
	add("nothing", "pk = :pk", values(":pk", str("nobody")), dynamodb.QueryInput{})
	add("backwards", "pk = :pk", pk, dynamodb.QueryInput{ScanIndexForward: aws.Bool(false), Limit: aws.Int32(2)})
	add("from", "pk = :pk", pk, dynamodb.QueryInput{ExclusiveStartKey: key("q", "3"), Limit: aws.Int32(2)})
	add("from a missing item, backwards", "pk = :pk", pk, dynamodb.QueryInput{ExclusiveStartKey: key("q", "2.5"), ScanIndexForward: aws.Bool(false)})
	add("the last page", "pk = :pk", pk, dynamodb.QueryInput{ExclusiveStartKey: key("q", "5"), Limit: aws.Int32(2)})
	add("filter", "pk = :pk", with(pk, ":yes", yes(true)), dynamodb.QueryInput{FilterExpression: aws.String("even = :yes"), Limit: aws.Int32(3)})
	add("count", "pk = :pk", pk, dynamodb.QueryInput{Select: types.SelectCount})
	add("projection", "pk = :pk", pk, dynamodb.QueryInput{ProjectionExpression: aws.String("sk, even")})
	me := values(":me", str("me"))
	index := dynamodb.QueryInput{IndexName: aws.String("byOwner")}
	add("index", "own = :me AND made > :n", with(me, ":n", num("97")), index)
	add("index, backwards", "own = :me", with(me), dynamodb.QueryInput{IndexName: aws.String("byOwner"), ScanIndexForward: aws.Bool(false), Limit: aws.Int32(2)})
	add("index from", "own = :me", me, dynamodb.QueryInput{IndexName: aws.String("byOwner"), Limit: aws.Int32(2), ExclusiveStartKey: with(key("q", "4"), "own", str("me"), "made", num("96"))})
	add("index from a table's key", "own = :me", me, dynamodb.QueryInput{IndexName: aws.String("byOwner"), ExclusiveStartKey: key("q", "4")})
	add("index, consistently", "own = :me", me, dynamodb.QueryInput{IndexName: aws.String("byOwner"), ConsistentRead: aws.Bool(true)})
	add("another index", "own = :me", me, dynamodb.QueryInput{IndexName: aws.String("other")})
	add("filter on the key", "pk = :pk", with(pk, ":n", num("1")), dynamodb.QueryInput{FilterExpression: aws.String("sk > :n")})
	add("limit 0", "pk = :pk", pk, dynamodb.QueryInput{Limit: aws.Int32(0)})
	for _, condition := range []string{"pk > :pk", "sk = :pk", "pk = :pk AND pk = :pk", "pk = :pk OR sk = :pk", "pk = :pk AND own = :pk", "pk = :pk AND begins_with(sk, :pk)", "pk <> :pk", "begins_with(pk, :pk)", "attribute_exists(pk)", "NOT pk = :pk"} {
		add("invalid", condition, pk, dynamodb.QueryInput{})
	}
	add("partition key of another type", "pk = :pk", values(":pk", num("1")), dynamodb.QueryInput{})
	return all
}

// stricterCalls are rejected by DynamoDB, and accepted by dynalite.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
func stricterCalls() []call {
	change := func(expression string, attributes map[string]types.AttributeValue) call {
		return update("update "+expression, dynamodb.UpdateItemInput{Key: key("strict", "1"), UpdateExpression: aws.String(expression), ExpressionAttributeValues: attributes})
	}
	return []call{
		put("an empty index key", dynamodb.PutItemInput{Item: with(key("a", "1"), "own", str(""))}),
		put("an order of booleans", dynamodb.PutItemInput{Item: key("a", "1"), ConditionExpression: aws.String("a < :yes"), ExpressionAttributeValues: values(":yes", yes(true))}),
		change("SET own = :empty", values(":empty", str(""))),
		change("SET n = :big + :one", values(":big", num("1e40"), ":one", num("1"))),
	}
}
