// Reads chunks of a Bedrock world with dragonfly: `echo "X,Z X,Z …" | dragonfly WORLD`.
//
// Opens the world for writing, so give it a copy. Prints JSON: the name and spawn that level.dat says, and of each chunk the blocks of
// both layers as [state, count] from the lowest up, in (y, z, x), its block entities by their kind, or that it is missing.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sort"
	"strings"

	_ "github.com/df-mc/dragonfly/server/block"
	"github.com/df-mc/dragonfly/server/world"
	"github.com/df-mc/dragonfly/server/world/chunk"
	"github.com/df-mc/dragonfly/server/world/mcdb"
)

type found struct {
	X        int      `json:"x"`
	Z        int      `json:"z"`
	Missing  string   `json:"missing,omitempty"`
	Layers   [][]any  `json:"layers,omitempty"`
	Entities []string `json:"entities,omitempty"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func state(blocks world.BlockRegistry, number uint32) string {
	name, properties, ok := blocks.RuntimeIDToState(number)
	if !ok {
		return "unknown"
	}
	parts := make([]string, 0, len(properties))
	for key, value := range properties {
		parts = append(parts, fmt.Sprintf("%s=%v", key, value))
	}
	sort.Strings(parts)
	if len(parts) == 0 {
		return name
	}
	return name + "[" + strings.Join(parts, ",") + "]"
}

func layers(blocks world.BlockRegistry, read *chunk.Chunk) [][]any {
	out := make([][]any, 2)
	bounds := read.Range()
	for layer := range out {
		last, count := uint32(0), 0
		add := func() {
			if count > 0 {
				out[layer] = append(out[layer], []any{state(blocks, last), count})
			}
		}
		for y := bounds.Min(); y <= bounds.Max(); y++ {
			for z := uint8(0); z < 16; z++ {
				for x := uint8(0); x < 16; x++ {
					number := read.Block(x, int16(y), z, uint8(layer))
					if number != last {
						add()
						last, count = number, 0
					}
					count++
				}
			}
		}
		add()
	}
	return out
}

func main() {
	blocks := world.DefaultBlockRegistry
	blocks.Finalize()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	db, err := mcdb.Config{Log: log, Blocks: blocks}.Open(os.Args[1])
	must(err)
	text, err := io.ReadAll(os.Stdin)
	must(err)
	chunks := []found{}
	for _, place := range strings.Fields(string(text)) {
		var x, z int
		_, err := fmt.Sscanf(place, "%d,%d", &x, &z)
		must(err)
		one := found{X: x, Z: z}
		column, err := db.LoadColumn(world.ChunkPos{int32(x), int32(z)}, world.Overworld)
		if err != nil {
			one.Missing = err.Error()
		} else {
			one.Layers = layers(blocks, column.Chunk)
			for _, entity := range column.BlockEntities {
				one.Entities = append(one.Entities, fmt.Sprint(entity.Data["id"]))
			}
		}
		chunks = append(chunks, one)
	}
	settings := db.Settings()
	out := map[string]any{"name": settings.Name, "spawn": settings.Spawn, "chunks": chunks}
	must(json.NewEncoder(os.Stdout).Encode(out))
}
