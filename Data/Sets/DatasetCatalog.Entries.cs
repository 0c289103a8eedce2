using System.Collections.ObjectModel;

namespace Codat.Native.Data;

/// <content>The data sets themselves: official files, lengths, checksums and addresses.</content>
public static partial class DatasetCatalog
{
    private const string CifarBase = "https://www.cs.toronto.edu/~kriz/";
    private const string FashionBase = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";
    private const string SvhnBase = "http://ufldl.stanford.edu/housenumbers/";
    private const string CifarTerms = "Research use; the authors ask for a citation (Krizhevsky 2009); "
        + "rights in the photographs are not cleared.";

    private const string TrainImages = "train-images-idx3-ubyte.gz", TrainLabels = "train-labels-idx1-ubyte.gz";
    private const string TestImages = "t10k-images-idx3-ubyte.gz", TestLabels = "t10k-labels-idx1-ubyte.gz";

    private static readonly DatasetFile s_fashionTestImages = new(TestImages, 4_422_102, DatasetSplit.Test,
        "bef4ecab320f06d8554ea6380940ec79", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        new Uri(FashionBase + TestImages)) { UnpackedBytes = 7_840_016 };

    private static readonly DatasetFile s_fashionTestLabels = new(TestLabels, 5_148, DatasetSplit.Test,
        "bb300cfdad3c16e7a12a480ee83cd310", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        new Uri(FashionBase + TestLabels)) { UnpackedBytes = 10_008 };

    private static readonly ReadOnlyCollection<DatasetInfo> s_all = Array.AsReadOnly<DatasetInfo>(
    [
        new()
        {
            Name = MiniName,
            Summary = "12,000 training and 10,000 test images of clothing, 28x28 grey; ships with the program",
            Shape = new ImageShape(28, 28, 1),
            ClassNames = ClassNameTables.FashionMnist,
            Ships = true,
            Terms = "MIT licence, Zalando SE 2017; the text is beside the files.",
            Files =
            [
                new(TrainImages, 5_228_710, DatasetSplit.Train, "aaad2721e02d6ffaab3fb977d2ea5cc2",
                    "afadc89a757316300b2daa8f7a602582c79675b12d7fbbb6317c314a153a0fd1") { UnpackedBytes = 9_408_016 },
                new(TrainLabels, 6_085, DatasetSplit.Train, "def3564b4427ea4afb189656a7b02a25",
                    "95f443b4986a5195ae1ab02d934d30b891a82fdb406b8da95a5cd44c4665069a") { UnpackedBytes = 12_008 },
                s_fashionTestImages with { Url = null },
                s_fashionTestLabels with { Url = null },
            ],
        },
        new()
        {
            Name = "fashion-mnist",
            Summary = "60,000 training and 10,000 test images of clothing, 28x28 grey",
            Shape = new ImageShape(28, 28, 1),
            ClassNames = ClassNameTables.FashionMnist,
            Terms = "MIT licence, Zalando SE 2017.",
            Files =
            [
                new(TrainImages, 26_421_880, DatasetSplit.Train, "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                    new Uri(FashionBase + TrainImages)) { UnpackedBytes = 47_040_016 },
                new(TrainLabels, 29_515, DatasetSplit.Train, "25c81989df183df01b3e8a0aad5dffbe",
                    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                    new Uri(FashionBase + TrainLabels)) { UnpackedBytes = 60_008 },
                s_fashionTestImages,
                s_fashionTestLabels,
            ],
        },
        new()
        {
            Name = "cifar10",
            Summary = "50,000 training and 10,000 test photographs in 10 classes, 32x32 RGB",
            Shape = CifarFormat.Shape,
            ClassNames = ClassNameTables.Cifar10,
            Folder = "cifar-10-batches-bin",
            Archive = new(new Uri(CifarBase + "cifar-10-binary.tar.gz"), 170_052_171,
                "c32a1d4ab5d03f1284b67883e8d87530",
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
            Terms = CifarTerms,
            Files =
            [
                new("data_batch_1.bin", 30_730_000, DatasetSplit.Train, "5dd7e06a14cb22eb9f671a540d1b7c25",
                    "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
                new("data_batch_2.bin", 30_730_000, DatasetSplit.Train, "5ea93a67294ea407fff1d09f752e9692",
                    "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
                new("data_batch_3.bin", 30_730_000, DatasetSplit.Train, "942cd6a4bcdd0dd3c604fbe906cb4421",
                    "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
                new("data_batch_4.bin", 30_730_000, DatasetSplit.Train, "ae636b3ba5c66a11e91e8cb52e771fcb",
                    "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
                new("data_batch_5.bin", 30_730_000, DatasetSplit.Train, "53f37980c15c3d472c316c40844f3f0d",
                    "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
                new("test_batch.bin", 30_730_000, DatasetSplit.Test, "803d5f7f4d78ea53de84dbe85f74fb6d",
                    "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
            ],
        },
        new()
        {
            Name = "cifar100",
            Summary = "50,000 training and 10,000 test photographs in 100 classes, 32x32 RGB",
            Shape = CifarFormat.Shape,
            ClassNames = ClassNameTables.Cifar100,
            Folder = "cifar-100-binary",
            Archive = new(new Uri(CifarBase + "cifar-100-binary.tar.gz"), 168_513_733,
                "03b5dce01913d631647c71ecec9e9cb8",
                "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"),
            Terms = CifarTerms,
            Files =
            [
                new("train.bin", 153_700_000, DatasetSplit.Train),
                new("test.bin", 30_740_000, DatasetSplit.Test, "4499cfba6c016c1be1438163640a0898",
                    "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a"),
            ],
        },
        new()
        {
            Name = "svhn",
            Summary = "73,257 training and 26,032 test photographs of house-number digits, 32x32 RGB",
            Shape = SvhnFormat.Shape,
            ClassNames = ClassNameTables.Digits,
            Terms = "For non-commercial use only; the authors ask for a citation (Netzer et al. 2011).",
            Files =
            [
                new("train_32x32.mat", 182_040_794, DatasetSplit.Train, "e26dedcc434d2e4c54c9b2d4a06d8373",
                    "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8",
                    new Uri(SvhnBase + "train_32x32.mat")),
                new("test_32x32.mat", 64_275_384, DatasetSplit.Test, "eb5a983be6a315427106f1b164d9cef3",
                    "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b",
                    new Uri(SvhnBase + "test_32x32.mat")),
            ],
        },
        new()
        {
            Name = "stl10",
            Summary = "5,000 training and 8,000 test photographs in 10 classes, 96x96 RGB reduced to 64x64",
            Shape = StlFormat.Shape,
            ClassNames = ClassNameTables.Stl10,
            Folder = "stl10_binary",
            Archive = new(new Uri("http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz"), 2_640_397_119,
                "91f7769df0f17e558f3565bffb0c7dfb"),
            Terms = "Images from ImageNet, for research; the authors ask for a citation (Coates et al. 2011).",
            Files =
            [
                new("train_X.bin", 138_240_000, DatasetSplit.Train, "918c2871b30a85fa023e0c44e0bee87f"),
                new("train_y.bin", 5_000, DatasetSplit.Train, "5a34089d4802c674881badbb80307741"),
                new("test_X.bin", 221_184_000, DatasetSplit.Test, "7f263ba9f9e0b06b93213547f721ac82"),
                new("test_y.bin", 8_000, DatasetSplit.Test, "36f9794fa4beb8a2c72628de14fa638e"),
            ],
        },
        new() { Name = FolderName, Summary = "your images: DIR/{train,test}/CLASS/*.png|ppm|pgm, all of one size" },
        new() { Name = NpzName, Summary = "your arrays: DIR/{train,test}.npz with x (uint8 N,H,W,C) and y" },
        new()
        {
            Name = SyntheticName,
            Summary = "generated by seed, needs no files: 10 classes of stripes, 28x28 grey",
            Shape = SyntheticOptions.Default.Shape,
            ClassNames = SyntheticOptions.Default.CreateClassNames(),
        },
    ]);
}
