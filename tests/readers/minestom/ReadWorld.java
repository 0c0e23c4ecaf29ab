import com.google.gson.Gson;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.kyori.adventure.key.Key;
import net.kyori.adventure.nbt.TagStringIO;
import net.minestom.server.MinecraftServer;
import net.minestom.server.instance.Chunk;
import net.minestom.server.instance.anvil.AnvilLoader;
import net.minestom.server.instance.block.Block;
import net.minestom.server.world.DimensionType;

/**
 * Reads chunks of a Java world of 26.x with Minestom: {@code echo "X,Z X,Z …" | java ReadWorld WORLD}.
 *
 * <p>Prints JSON: the version of Minestom, the lowest block, and of each chunk the blocks as [state, count] from the lowest up, in
 * (y, z, x), the biomes of its 4 × 4 × 4 cells likewise, its block entities as [x, y, z, id, SNBT], or that it is missing.
 */
public final class ReadWorld {
    /** Values as [value, how often in a row]. */
    private static final class Runs {
        final List<Object[]> all = new ArrayList<>();
        private String last;
        private int count;

        void add(String value) {
            if (!value.equals(last)) {
                end();
                last = value;
                count = 0;
            }
            count++;
        }

        List<Object[]> end() {
            if (count > 0) {
                all.add(new Object[] {last, count});
            }
            count = 0;
            return all;
        }
    }

    private static Map<String, Object> read(Chunk chunk, int low, int high) throws Exception {
        Runs blocks = new Runs();
        Runs biomes = new Runs();
        List<Object[]> entities = new ArrayList<>();
        for (int y = low; y < high; y++) {
            for (int z = 0; z < 16; z++) {
                for (int x = 0; x < 16; x++) {
                    Block block = chunk.getBlock(x, y, z);
                    blocks.add(block.state());
                    if (block.handler() != null) {
                        int east = 16 * chunk.getChunkX() + x;
                        int south = 16 * chunk.getChunkZ() + z;
                        String kind = block.handler().getKey().asString();
                        String said = TagStringIO.tagStringIO().asString(block.nbtOrEmpty());
                        entities.add(new Object[] {east, y, south, kind, said});
                    }
                    if (x % 4 == 0 && y % 4 == 0 && z % 4 == 0) {
                        biomes.add(chunk.getBiome(x, y, z).name());
                    }
                }
            }
        }
        return Map.of("blocks", blocks.end(), "biomes", biomes.end(), "entities", entities);
    }

    public static void main(String[] arguments) throws Exception {
        MinecraftServer.init();
        var loader = new AnvilLoader(Path.of(arguments[0]), Key.key("minecraft:overworld"));
        var instance = MinecraftServer.getInstanceManager().createInstanceContainer(DimensionType.OVERWORLD, loader);
        int low = instance.getCachedDimensionType().minY();
        int high = low + instance.getCachedDimensionType().height();
        List<Map<String, Object>> chunks = new ArrayList<>();
        for (String place : new String(System.in.readAllBytes(), StandardCharsets.UTF_8).trim().split("\\s+")) {
            String[] numbers = place.split(",");
            int x = Integer.parseInt(numbers[0]);
            int z = Integer.parseInt(numbers[1]);
            Map<String, Object> found = new LinkedHashMap<>(Map.of("x", x, "z", z));
            // Asked of the loader itself: the instance would make a chunk that is not there.
            Chunk chunk = loader.loadChunk(instance, x, z);
            found.putAll(chunk == null ? Map.of("missing", true) : read(chunk, low, high));
            chunks.add(found);
        }
        Map<String, Object> said = Map.of("version", MinecraftServer.VERSION_NAME, "low", low, "chunks", chunks);
        System.out.write((new Gson().toJson(said) + "\n").getBytes(StandardCharsets.UTF_8));
        System.out.flush();
        System.exit(0);
    }
}
