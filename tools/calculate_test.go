package tools

import "testing"

func TestCalculateDefinition(t *testing.T) { checkDefinition(t, calculate()) }

func TestCalculate(t *testing.T) {
	tests := []struct {
		arguments, want string
		isError         bool
	}{
		{`{"operation":"add","a":2,"b":3}`, `{"expression":"2 + 3","result":5}`, false},
		{`{"operation":"subtract","a":2,"b":3.5}`, `{"expression":"2 - 3.5","result":-1.5}`, false},
		{`{"operation":"multiply","a":6,"b":7}`, `{"expression":"6 * 7","result":42}`, false},
		{`{"operation":"divide","a":1,"b":8}`, `{"expression":"1 / 8","result":0.125}`, false},
		{`{"operation":"divide","a":1,"b":0}`, `b is 0; division by 0 is not defined`, true},
		{`{"operation":"divide","a":0,"b":0}`, `b is 0; division by 0 is not defined`, true},
		{`{"operation":"divide","a":1,"b":-0.0}`, `b is 0; division by 0 is not defined`, true},
		{`{"operation":"multiply","a":1e308,"b":10}`, `the result is over 1.7976931348623157e+308, the largest number that this tool can return`, true},
		{`{"operation":"divide","a":1e308,"b":1e-10}`, `the result is over 1.7976931348623157e+308, the largest number that this tool can return`, true},
		{`{"operation":"add","a":1e999,"b":1}`, `a must be a number from -1.7976931348623157e+308 to 1.7976931348623157e+308, got 1e999`, true},
		{`{"operation":"power","a":"two"}`, `operation must be "add", "subtract", "multiply" or "divide", got "power"; ` +
			`a must be a number, got "two"; b is missing`, true},
	}
	for _, tt := range tests {
		if got, isError := call(t, calculate(), tt.arguments); got != tt.want || isError != tt.isError {
			t.Errorf("%s: %s (error %v), want %s", tt.arguments, got, isError, tt.want)
		}
	}
}

func BenchmarkCalculate(b *testing.B) {
	tl := calculate()
	b.ReportAllocs()
	for b.Loop() {
		call(b, tl, `{"operation":"multiply","a":6,"b":7}`)
	}
}
