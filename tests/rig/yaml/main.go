// Prints what Go's readers of YAML make of documents: each line of stdin is one as a JSON string, each line of stdout says
// for each reader the value or the error.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"

	v2 "gopkg.in/yaml.v2"
	v3 "gopkg.in/yaml.v3"
	sigs "sigs.k8s.io/yaml"
)

type verdict struct {
	Value any    `json:"value"`
	Error string `json:"error,omitempty"`
}

// plain turns a value into one that JSON has: keys with their types, numbers that JSON lacks as texts.
func plain(value any) any {
	switch value := value.(type) {
	case map[any]any:
		out := map[string]any{}
		for key, below := range value {
			out[fmt.Sprintf("%T %v", key, key)] = plain(below)
		}
		return out
	case map[string]any:
		for key, below := range value {
			value[key] = plain(below)
		}
	case []any:
		for at, item := range value {
			value[at] = plain(item)
		}
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return fmt.Sprint(value)
		}
	}
	return value
}

func read(text []byte, unmarshal func([]byte, any) error) (out verdict) {
	defer func() {
		if problem := recover(); problem != nil {
			out = verdict{Error: fmt.Sprint("panic: ", problem)}
		}
	}()
	var value any
	if err := unmarshal(text, &value); err != nil {
		return verdict{Error: err.Error()}
	}
	return verdict{Value: plain(value)}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var text string
		if err := json.Unmarshal(lines.Bytes(), &text); err != nil {
			panic(err)
		}
		json := func(text []byte, into any) error { return sigs.Unmarshal(text, into) }
		err := answers.Encode(map[string]verdict{
			"v2": read([]byte(text), v2.Unmarshal), "strict": read([]byte(text), v2.UnmarshalStrict),
			"v3": read([]byte(text), v3.Unmarshal), "sigs": read([]byte(text), json),
		})
		if err != nil {
			panic(err)
		}
	}
}
