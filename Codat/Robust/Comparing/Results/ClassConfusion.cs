namespace Codat.Native.Robust;

/// <summary>Where the images of one class go, from a flow matrix.</summary>
/// <param name="Lost">Images taken for another class.</param>
/// <param name="Share">The part of them that goes to the most frequent wrong class; not-a-number without any.</param>
/// <param name="Nearest">The class most often confused with this one, both ways; -1 without any.</param>
/// <param name="Similarity">
/// Images of either taken for the other, as a part of the images of both: (F_ij + F_ji) / (n_i + n_j).
/// </param>
internal readonly record struct ClassConfusion(long Lost, double Share, int Nearest, double Similarity)
{
    /// <summary>The row of a class.</summary>
    /// <param name="flow">Counts by true and predicted class.</param>
    /// <param name="k">The class.</param>
    public static ClassConfusion Of(long[][] flow, int k)
    {
        var (lost, most, nearest, similarity) = (0L, 0L, -1, 0.0);
        for (var j = 0; j < flow.Length; j++)
        {
            if (j == k) continue;
            (lost, most) = (lost + flow[k][j], Math.Max(most, flow[k][j]));
            var both = Similar(flow, k, j);
            if (both > similarity) (nearest, similarity) = (j, both);
        }
        return new ClassConfusion(lost, lost > 0 ? (double)most / lost : double.NaN, nearest, similarity);
    }

    /// <summary>Images of either class taken for the other, as a part of the images of both.</summary>
    public static double Similar(long[][] flow, int i, int j) =>
        flow[i].Sum() + flow[j].Sum() is > 0 and var images ? (double)(flow[i][j] + flow[j][i]) / images : 0;

    /// <summary>The flow of several seeds together; null where one has none or another size.</summary>
    public static long[][]? Add(IReadOnlyList<AttackView> seeds)
    {
        if (seeds.Count == 0 || seeds[0].Flow is not { } first) return null;
        var sum = Array.ConvertAll(first, row => (long[])row.Clone());
        foreach (var seed in seeds.Skip(1))
        {
            if (seed.Flow is not { } flow || flow.Length != sum.Length) return null;
            for (var i = 0; i < sum.Length; i++)
                for (var j = 0; j < sum.Length; j++) sum[i][j] += flow[i][j];
        }
        return sum;
    }
}
