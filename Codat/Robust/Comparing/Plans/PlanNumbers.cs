using System.Text.Json;

namespace Codat.Native.Robust;

/// <summary>The key <c>set</c> of a run: a method's own numbers, as <c>--set key=value</c> gives them.</summary>
internal static class PlanNumbers
{
    /// <summary>Adds the numbers to a run's settings.</summary>
    public static void Set(SettingLayer own, PlanNode numbers)
    {
        var pairs = new List<string>();
        foreach (var (key, value) in numbers.AsMembers())
        {
            if (value.Kind is not (JsonValueKind.Number or JsonValueKind.String))
                throw value.Wrong("a number or a string");
            pairs.Add($"{key}={value.Text}");
        }
        if (pairs.Count == 0) throw numbers.Error("nothing is set", "numbers of the method", "{}", "leave out set");
        own.Add("set", string.Join(',', pairs), numbers.Where);
    }
}
